// @ts-check
// The program for some choices, formatted as ruff does it. One for both generations, if they agree.

import { shown } from "./shapes.js";

/** @typedef {import("./shapes.js").Choices} Choices */
/** @typedef {import("./shapes.js").Answer} Answer */
/** @typedef {{title: string, code: string, note: string}} Program */

const WIDEST = 52; // beside the parameters, without scrolling

/** @type {(choices: Choices, answer: Answer) => Program[]} */
export function programs(choices, answer) {
  if (!answer.onlyKeras2) {
    return [{ title: "Keras 3 and Keras 2", code: program(choices, answer, "keras"), note: "" }];
  }
  return [
    {
      title: "Keras 3",
      code: withoutReturnState(choices, answer),
      note:
        "Keras 3 raises a TypeError for return_state in a stateful Bidirectional. Leave it out, and read " +
        "the states of the two layers.",
    },
    { title: "Keras 2", code: program(choices, answer, "tf_keras as keras"), note: "" },
  ];
}

/** @type {(choices: Choices, answer: Answer, package_: string) => string} */
function program(choices, { outputs, total }, package_) {
  const names = outputs.map(({ name }) => name).join(", ");
  const only = outputs.length === 1 ? comment(outputs[0].shape) : "";
  return [
    ...beginning(choices, package_),
    `${names} = layer(x)${only}`,
    ...(only ? [] : shapes(outputs)),
    ...ending(total),
  ].join("\n");
}

/** @type {(choices: Choices, answer: Answer) => string} */
function withoutReturnState(choices, { outputs, kept, total }) {
  const returned = outputs.slice(0, outputs.length - kept.length).map(({ name }) => name);
  const names = kept.map(({ name }) => name);
  const half = names.length / 2;
  return [
    ...beginning({ ...choices, return_state: false }, "keras"),
    `${returned.join(", ")} = layer(x)`,
    `${targets(names.slice(0, half))} = layer.forward_layer.states`,
    `${targets(names.slice(half))} = layer.backward_layer.states`,
    ...shapes(outputs),
    ...ending(total),
  ].join("\n");
}

/** @type {(names: string[]) => string} a list is unpacked even if it has one item */
function targets(names) {
  return names.length === 1 ? `(${names[0]},)` : names.join(", ");
}

/** @type {(choices: Choices, package_: string) => string[]} */
function beginning(choices, package_) {
  const { batch, timesteps, features, layer, bidirectional } = choices;
  const input =
    batch === null
      ? `shape=${shown([timesteps, features])}`
      : `batch_shape=${shown([batch, timesteps, features])}`;
  const inner = layer === "LSTM" ? "lstm" : layer === "GRU" ? "gru" : "rnn";
  const both = bidirectional !== "off";
  const lines = [
    `import ${package_}`,
    "",
    ...call("x = keras.Input", [input]),
    ...call(`${both ? inner : "layer"} = keras.layers.${layer}`, parameters(choices)),
  ];
  if (!both) return lines;
  const mode = bidirectional === "None" ? "None" : `"${bidirectional}"`;
  const merged = bidirectional === "concat" ? [] : [`merge_mode=${mode}`]; // the default
  return [...lines, ...call("layer = keras.layers.Bidirectional", [inner, ...merged])];
}

/** @type {(shape: import("./shapes.js").Shape) => string} as on all pages: the shape of the line's value */
function comment(shape) {
  return `  # ${shown(shape)}`;
}

/** @type {(outputs: Answer["outputs"]) => string[]} */
function shapes(outputs) {
  return outputs.map(({ name, shape }) => name + comment(shape));
}

/** @type {(total: number) => string[]} */
function ending(total) {
  return [`layer.count_params()  # ${total}`, ""];
}

/** @type {(choices: Choices) => string[]} what differs from Keras's defaults */
function parameters(choices) {
  const given = [String(choices.units)];
  if (choices.return_sequences) given.push("return_sequences=True");
  if (choices.return_state) given.push("return_state=True");
  if (!choices.use_bias) given.push("use_bias=False");
  if (choices.layer === "GRU" && !choices.reset_after) given.push("reset_after=False");
  if (choices.stateful) given.push("stateful=True");
  return given;
}

/** @type {(called: string, given: string[]) => string[]} in as few lines as it fits into */
function call(called, given) {
  const all = given.join(", ");
  if (`${called}(${all})`.length <= WIDEST) return [`${called}(${all})`];
  const within = all.length + 4 <= WIDEST ? [`    ${all}`] : given.map((one) => `    ${one},`);
  return [`${called}(`, ...within, ")"];
}
