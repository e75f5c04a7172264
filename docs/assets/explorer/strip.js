// @ts-check
// The layer unrolled: a column for each step, from the input through the layer to the output. What
// is returned is filled. The colors are in explorer.css.

/** @typedef {import("./shapes.js").Choices} Choices */
/** @typedef {import("./shapes.js").Answer} Answer */

const [ROW, COLUMN, LABELS] = [46, 46, 88]; // LABELS: the width of the words on the left
const [WIDTH, HEIGHT, STATE] = [36, 22, 18]; // of a box; STATE: the width of one with a state
const GAP = COLUMN - WIDTH;
const MOST = 4; // columns

/** @type {(choices: Choices, answer: Answer) => SVGElement} */
export function strip(choices, answer) {
  const { layer, bidirectional, return_sequences, return_state, stateful } = choices;
  const both = bidirectional !== "off";
  const top = stateful ? 40 : HEIGHT / 2 + 1; // of the first row; above it is what is kept
  const input = top + 2 * ROW;
  const bottom = both ? input + 2 * ROW : input;
  const [width, height] = [LABELS + (MOST + 2) * COLUMN, bottom + (both ? top : HEIGHT / 2 + 1)];
  const viewBox = `0 0 ${width} ${height}`;
  const drawing = element("svg", { viewBox, width, role: "img", "aria-label": description(choices, answer) });
  const first = LABELS + (stateful || (both && return_state) ? 1.5 : 0.5) * COLUMN;
  const steps = columns(choices.timesteps).map((name, n) => ({ name, x: first + n * COLUMN }));

  drawing.append(...label(input, "input", counted(choices.features, "feature")));
  drawing.append(...steps.flatMap(({ name, x }) => box(x, input, name, "given")));
  // The forward layer is above the input, and reads to the right.
  for (const up of both ? [-1, 1] : [-1]) {
    const [cells, outputs, ahead] = [input + up * ROW, input + 2 * up * ROW, -up];
    const name = up < 0 ? "forward" : "backward";
    drawing.append(
      ...(both ? label(cells, name, layer) : label(cells, layer, "")),
      ...label(outputs, "output", counted(choices.units, "unit")),
    );
    const [begin, end] = up < 0 ? [steps[0], ...steps.slice(-1)] : [...steps.slice(-1), steps[0]];
    for (const step of steps) {
      const isReturned = return_sequences || step === end;
      drawing.append(
        arrow(step.x, input + (up * HEIGHT) / 2, 0, up * (ROW - HEIGHT)),
        ...box(step.x, cells, step.name === "…" ? "…" : "", "given"),
        arrow(step.x, cells + (up * HEIGHT) / 2, 0, up * (ROW - HEIGHT)),
        ...box(step.x, outputs, step.name, isReturned ? "returned" : "left"),
      );
      if (step !== end || return_state || stateful) {
        drawing.append(arrow(step.x + (ahead * WIDTH) / 2, cells, ahead * GAP, 0));
      }
    }
    if (!return_state && !stateful) continue;
    const names = layer === "LSTM" ? ["h", "c"] : ["h"];
    const middle = end.x + ahead * (WIDTH / 2 + GAP + (names.length * STATE) / 2);
    for (const [n, state] of names.entries()) {
      const x = middle + (n - (names.length - 1) / 2) * (STATE + 1);
      drawing.append(...box(x, cells, state, return_state ? "returned" : "left", STATE));
    }
    if (stateful) drawing.append(...kept(middle, begin.x - (ahead * WIDTH) / 2, cells, up));
  }
  return drawing;
}

/** @type {(from: number, to: number, cells: number, up: number) => SVGElement[]} the way of a state,
 *    around the outputs, from the last step to the first one of the next batch */
function kept(from, to, cells, up) {
  const outer = cells + up * (ROW + 25);
  const ahead = -up * GAP;
  const d = `M${from} ${cells + (up * HEIGHT) / 2}V${outer}H${to - ahead}V${cells}h${ahead}${head(ahead, 0)}`;
  return [
    element("path", { d, class: "kept" }),
    text((from + to) / 2, outer + (up < 0 ? -4 : 12), "kept for the next batch", "note"),
  ];
}

/** @type {(timesteps: number | null) => string[]} the steps that are drawn */
function columns(timesteps) {
  if (timesteps === null) return ["1", "2", "…", "last"];
  if (timesteps > MOST) return ["1", "2", "…", String(timesteps)];
  return Array.from({ length: timesteps }, (_, n) => String(n + 1));
}

/** @type {(x: number, y: number, words: string, kind: string, width?: number) => SVGElement[]} */
function box(x, y, words, kind, width = WIDTH) {
  const place = { x: x - width / 2, y: y - HEIGHT / 2, width, height: HEIGHT };
  return [element("rect", { ...place, rx: 2, class: kind }), text(x, y + 4, words, kind)];
}

/** @type {(y: number, name: string, note: string) => SVGElement[]} */
function label(y, name, note) {
  return [text(0, y + (note ? -3 : 4), name, "name"), text(0, y + 11, note, "note of")];
}

/** @type {(x: number, y: number, right: number, down: number) => SVGElement} */
function arrow(x, y, right, down) {
  return element("path", { d: `M${x} ${y}l${right} ${down}${head(right, down)}` });
}

/** @type {(right: number, down: number) => string} of an arrow, where it ends */
function head(right, down) {
  const [x, y] = [Math.sign(right), Math.sign(down)];
  const [a, b, c, d] = [4 * x + 3 * y, 4 * y + 3 * x, 3 * y - 4 * x, 3 * x - 4 * y];
  return `m${-a} ${-b}l${a} ${b}l${c} ${d}`;
}

/** @type {(x: number, y: number, words: string, kind: string) => SVGElement} */
function text(x, y, words, kind) {
  const made = element("text", { x, y, class: kind });
  made.textContent = words;
  return made;
}

/** @type {(name: string, attributes: Record<string, string | number>) => SVGElement} */
function element(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return /** @type {SVGElement} */ (made);
}

/** @type {(size: number | null, thing: string) => string} */
function counted(size, thing) {
  return `${size} ${thing}${size === 1 ? "" : "s"}`;
}

/** @type {(choices: Choices, answer: Answer) => string} the same in words */
function description({ layer, timesteps, features, bidirectional }, { outputs, kept }) {
  const steps = timesteps === null ? "every timestep" : counted(timesteps, "timestep");
  const back = bidirectional === "off" ? "" : ", and backward";
  const returned = outputs.map(({ name, is }) => `${name}, ${is}`).join("; ");
  const stays = kept.length ? ` Kept for the next batch: ${kept.map(({ name }) => name).join(", ")}.` : "";
  const read = `${layer} reads ${counted(features, "feature")} at ${steps}`;
  return `${read}, from the first to the last${back}. Returned: ${returned}.${stays}`;
}
