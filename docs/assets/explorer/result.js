// @ts-check
// What the explorer shows for some choices: the strip, the shapes, the count, the code.

import { programs } from "./code.js";
import { make } from "../dom.js";
import { shown } from "./shapes.js";
import { strip } from "./strip.js";

/** @typedef {import("./shapes.js").Choices} Choices */
/** @typedef {import("./shapes.js").Answer} Answer */

const PLAYGROUND = new URL("../../playground/", import.meta.url);
const NUMBERS = new Intl.NumberFormat("en");
const TOKENS = /(#.*)|("[^"]*")|\b(import|as)\b|\b(None|True|False|\d+)\b/g;
const COLORS = ["c1", "s2", "kn", "mi"]; // classes of Material, in the same order

/** @type {(choices: Choices, answer: Answer) => string} */
export function sentence({ layer, units, bidirectional }, { input, outputs, total, onlyKeras2 }) {
  const name = bidirectional === "off" ? `${layer}(${units})` : `Bidirectional(${layer}(${units}))`;
  const shapes = outputs.map(({ shape }) => whole(shape)).join(", ");
  const where = onlyKeras2 ? "Only in Keras 2: " : "";
  return `${where}${name} reads ${whole(input)} and returns ${shapes}. It has ${number(total)} parameters.`;
}

/** @type {(shape: import("./shapes.js").Shape) => string} in one line */
function whole(shape) {
  return shown(shape).replaceAll(" ", "\u00a0");
}

/** @type {(choices: Choices, answer: Answer) => Node[]} */
export function result(choices, answer) {
  const legend = make(
    "figcaption",
    {},
    make("span", { className: "explorer-returned" }),
    "returned ",
    make("span", { className: "explorer-left" }),
    "computed, not returned",
  );
  const code = programs(choices, answer).flatMap(({ title, code, note }) => [
    ...(note ? [make("p", {}, note)] : []),
    program(title, code),
  ]);
  return [
    make("div", { className: "explorer-shapes" }, make("figure", {}, strip(choices, answer), legend), tensors(answer)),
    make("div", { className: "explorer-count" }, count(answer), make("div", {}, ...code)),
  ];
}

/** @type {(answer: Answer) => HTMLElement} */
function tensors({ input, outputs, kept, onlyKeras2 }) {
  const x = { name: "x", shape: input, is: "batch, timesteps, features" };
  const all = kept.map(({ name }) => name).join(", ");
  // All states have the same shape, so they stand in one row.
  const together = kept.slice(0, 1).map(({ shape }) => ({ name: all, shape, is: kept.length > 1 ? "each of them" : "the state" }));
  return table(
    part("Goes in", [x], tensor),
    part(onlyKeras2 ? "Comes out of Keras 2" : "Comes out", outputs, tensor),
    part("Stays for the next batch", together, tensor),
  );
}

/** @type {(tensor: import("./shapes.js").Tensor) => HTMLElement} */
function tensor({ name, shape, is }) {
  return row(name, [make("code", {}, shown(shape))], is);
}

/** @type {(answer: Answer) => HTMLElement} the parameters, term by term */
function count({ terms, blocks, directions, total }) {
  const block = terms.reduce((all, { count }) => all + count, 0);
  const rows = terms.map(({ name, formula, numbers, count }) =>
    row(name, numbers === String(count) ? [formula] : [formula, make("br"), numbers], number(count)),
  );
  const sum = row("one\u00a0block", [], number(block));
  sum.className = "explorer-sum";
  rows.push(sum);
  if (blocks > 1) rows.push(row(`${blocks}\u00a0blocks`, [`${blocks} × ${number(block)}`], number(blocks * block)));
  if (directions > 1) rows.push(row("2\u00a0directions", [`2 × ${number(blocks * block)}`], number(total)));
  return table(part("Parameters", rows, (one) => one));
}

/** @type {(...parts: HTMLElement[]) => HTMLElement} */
function table(...parts) {
  return make("table", { className: "explorer-table" }, ...parts);
}

/** @template T
 *  @param {string} title
 *  @param {T[]} things
 *  @param {(thing: T) => HTMLElement} made a row of it
 *  @returns {HTMLElement} a part of a table, without its title if it is empty */
function part(title, things, made) {
  const head = make("tr", {}, make("th", { colSpan: 3, scope: "rowgroup" }, title));
  return make("tbody", {}, ...(things.length ? [head] : []), ...things.map(made));
}

/** @type {(name: string, middle: (Node | string)[], last: string) => HTMLElement} */
function row(name, middle, last) {
  return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, ...middle), make("td", {}, last));
}

/** @type {(count: number) => string} */
function number(count) {
  return NUMBERS.format(count);
}

/** @type {(title: string, code: string) => HTMLElement} */
function program(title, code) {
  const text = make("code", { tabIndex: 0 }, ...colored(code));
  const copy = make("button", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code);
      copy.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(text); // a key copies it
    }
  });
  const bar = make("div", { className: "explorer-bar" }, make("span", {}, title), copy);
  if (title.startsWith("Keras 3") && PLAYGROUND.protocol !== "file:") {
    bar.append(make("a", { href: `${PLAYGROUND}#code=${encodeURIComponent(code)}` }, "Run this"));
  }
  return make("div", { className: "explorer-code highlight" }, bar, make("pre", {}, text));
}

/** @type {(code: string) => (Node | string)[]} */
function colored(code) {
  const parts = [];
  let end = 0;
  for (const match of code.matchAll(TOKENS)) {
    const className = COLORS[match.slice(1).findIndex((one) => one !== undefined)];
    parts.push(code.slice(end, match.index), make("span", { className }, match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, code.slice(end)];
}
