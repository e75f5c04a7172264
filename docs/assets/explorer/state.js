// @ts-check
// Choices as text, in addresses and in the pages' `data-start`: "layer=GRU&return_state=True".

import { LARGEST, LAYER_NAMES, MODES } from "./shapes.js";

/** @typedef {import("./shapes.js").Choices} Choices */

/** @type {(text: string, start: Choices) => Choices} what the text doesn't say, or says wrong, is as
 *    at the start */
export function read(text, start) {
  const said = new URLSearchParams(text);
  const read = Object.keys(start).map((key) => {
    const name = /** @type {keyof Choices} */ (key);
    const value = valueOf(name, said.get(name) ?? "", typeof start[name] === "boolean");
    return [name, value === undefined ? start[name] : value];
  });
  return Object.fromEntries(read);
}

/** @type {(name: keyof Choices, text: string, isSwitch: boolean) => Choices[keyof Choices] | undefined} */
function valueOf(name, text, isSwitch) {
  if (isSwitch) return { True: true, False: false }[text];
  if (name === "layer") return LAYER_NAMES.find((one) => one === text);
  if (name === "bidirectional") return MODES.find((one) => one === text);
  if (text === "None" && (name === "batch" || name === "timesteps")) return null;
  return /^[1-9]\d*$/.test(text) && Number(text) <= LARGEST ? Number(text) : undefined;
}

/** @type {(choices: Choices, start: Choices, search: string) => string} the query of an address with
 *    what differs from the start; what else it says stays */
export function write(choices, start, search) {
  const said = new URLSearchParams(search);
  for (const [key, value] of Object.entries(choices)) {
    const name = /** @type {keyof Choices} */ (key);
    if (value === start[name]) said.delete(name);
    else said.set(name, value === null ? "None" : value === true ? "True" : value === false ? "False" : String(value));
  }
  return said.size ? `?${said}` : "";
}
