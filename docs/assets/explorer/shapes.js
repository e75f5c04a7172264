// @ts-check
// What a recurrent layer takes, returns and keeps, and how many parameters it has. All of it is
// compared with both generations of Keras: see tests/test_explorer.py.

/** @typedef {number | null} Size null is Python's None: open */
/** @typedef {Size[]} Shape */
/** @typedef {"LSTM" | "GRU" | "SimpleRNN"} Layer */
/** @typedef {"off" | "concat" | "sum" | "mul" | "ave" | "None"} Bidirectional off, or its merge_mode */
/** @typedef {{batch: Size, timesteps: Size, features: Size, units: Size, layer: Layer,
 *    bidirectional: Bidirectional, return_sequences: boolean, return_state: boolean,
 *    use_bias: boolean, reset_after: boolean, stateful: boolean}} Choices */
/** @typedef {{name: string, shape: Shape, is: string}} Tensor is: in words */
/** @typedef {{name: string, formula: string, numbers: string, count: number}} Term of one block */
/** @typedef {{input: Shape, outputs: Tensor[], kept: Tensor[], terms: Term[], blocks: number,
 *    directions: number, total: number, onlyKeras2: boolean}} Answer
 *    kept: the states that stay for the next batch. onlyKeras2: Keras 3 raises an error */
/** @typedef {{field: keyof Choices, reason: string, says: string[]}} Refusal
 *    says: how the errors of Keras 3 and of Keras 2 begin, if Keras gets that far */

/** @type {Record<Layer, {blocks: number, states: string[]}>} */
export const LAYERS = {
  LSTM: { blocks: 4, states: ["h", "c"] },
  GRU: { blocks: 3, states: ["h"] },
  SimpleRNN: { blocks: 1, states: ["h"] },
};
export const LAYER_NAMES = /** @type {Layer[]} */ (Object.keys(LAYERS));
/** How each merge mode joins the outputs of the two directions. */
export const MERGED = {
  concat: "side by side",
  sum: "added",
  mul: "multiplied",
  ave: "averaged",
  None: "apart",
};
export const MODES = /** @type {Bidirectional[]} */ (["off", ...Object.keys(MERGED)]);
export const LARGEST = 99_999;
/** The choices that a page begins with, unless it says others. @type {Choices} */
export const START = {
  batch: 8,
  timesteps: 2,
  features: 10,
  units: 3,
  layer: "LSTM",
  bidirectional: "off",
  return_sequences: false,
  return_state: false,
  use_bias: true,
  reset_after: true,
  stateful: false,
};

/** @type {(choices: Choices) => Answer | Refusal} */
export function explain(choices) {
  return refusal(choices) ?? answer(choices);
}

/** @type {(choices: Choices) => Refusal | null} */
function refusal({ batch, timesteps, features, units, stateful }) {
  const sizes = /** @type {const} */ ({ batch, timesteps, features, units });
  for (const field of /** @type {(keyof typeof sizes)[]} */ (Object.keys(sizes))) {
    const size = sizes[field];
    const mayBeOpen = field === "batch" || field === "timesteps";
    if (size === null ? mayBeOpen : Number.isInteger(size) && size >= 1 && size <= LARGEST) continue;
    const needed = field === "features" ? "The weights depend on the features. " : "";
    const open = mayBeOpen ? ", or empty for None" : "";
    const reason = `${needed}${field}: give a whole number from 1 to ${LARGEST.toLocaleString("en")}${open}.`;
    return { field, reason, says: [] };
  }
  if (!stateful || batch !== null) return null;
  return {
    field: "batch",
    reason:
      "A stateful layer keeps a state for each sequence of the batch, so it needs a batch size. " +
      "Give one, or switch stateful off.",
    says: [
      "When using `stateful=True` in a RNN, the batch size must be static.",
      "If a RNN is stateful, it needs to know its batch size.",
    ],
  };
}

/** @type {(choices: Choices) => Answer} */
function answer(choices) {
  const { batch, timesteps, features, layer, bidirectional, return_state, stateful } = choices;
  const { blocks } = LAYERS[layer];
  const both = bidirectional !== "off";
  const directions = both ? 2 : 1;
  const terms = termsOf(choices);
  const states = statesOf(choices);
  return {
    input: [batch, timesteps, features],
    outputs: return_state ? [...outputsOf(choices), ...states] : outputsOf(choices),
    kept: stateful ? states : [],
    terms,
    blocks,
    directions,
    total: directions * blocks * terms.reduce((all, { count }) => all + count, 0),
    onlyKeras2: both && return_state && stateful,
  };
}

/** @type {(choices: Choices) => Tensor[]} */
function outputsOf({ batch, timesteps, units, bidirectional, return_sequences }) {
  const width = bidirectional === "concat" ? 2 * Number(units) : units;
  const shape = return_sequences ? [batch, timesteps, width] : [batch, width];
  const steps = return_sequences ? "every step" : "last step";
  if (bidirectional === "off") return [{ name: "output", shape, is: steps }];
  // The backward layer's last step is the first of the sequence.
  if (bidirectional === "None") {
    return [
      { name: "output", shape, is: `forward: ${steps}` },
      { name: "back_output", shape, is: `backward: ${return_sequences ? "every step" : "step 1"}` },
    ];
  }
  const two = return_sequences ? "every step" : "forward's last step, backward's step 1";
  return [{ name: "output", shape, is: `${two}: ${MERGED[bidirectional]}` }];
}

/** @type {(choices: Choices) => Tensor[]} the states at the end of the sequence */
function statesOf({ batch, units, layer, bidirectional }) {
  const names = LAYERS[layer].states;
  /** @type {Size[]} */
  const shape = [batch, units];
  if (bidirectional === "off") {
    return names.map((name) => ({ name, shape, is: name === "h" ? "last hidden state" : "last cell state" }));
  }
  return [
    ...names.map((name) => ({ name, shape, is: "last, forward" })),
    ...names.map((name) => ({ name: `back_${name}`, shape, is: "last, backward" })),
  ];
}

/** @type {(choices: Choices) => Term[]} */
function termsOf({ layer, features, units, use_bias, reset_after }) {
  const f = Number(features);
  const u = Number(units);
  const terms = [
    { name: "kernel", formula: "features × units", numbers: `${f} × ${u}`, count: f * u },
    { name: "recurrent kernel", formula: "units × units", numbers: `${u} × ${u}`, count: u * u },
  ];
  if (!use_bias) return terms;
  const two = layer === "GRU" && reset_after;
  return [
    ...terms,
    two
      ? { name: "two biases", formula: "2 × units", numbers: `2 × ${u}`, count: 2 * u }
      : { name: "bias", formula: "units", numbers: `${u}`, count: u },
  ];
}

/** @type {(shape: Shape) => string} as Python shows it */
export function shown(shape) {
  return `(${shape.map((size) => size ?? "None").join(", ")})`;
}
