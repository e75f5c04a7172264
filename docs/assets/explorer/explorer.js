// @ts-check
// The shape explorer: choose a layer and its sizes, and see at once what it returns, how its
// parameters are counted, and the code. The address keeps the choices.

import { make } from "../dom.js";
import { result, sentence } from "./result.js";
import { explain, LARGEST, LAYER_NAMES, MODES, START } from "./shapes.js";
import { read, write } from "./state.js";

/** @typedef {import("./shapes.js").Choices} Choices */
/** @typedef {keyof Choices} Name */
/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/** @type {[string, Name[]][]} */
const GROUPS = [
  ["Input", ["batch", "timesteps", "features"]],
  ["Layer", ["layer", "units", "bidirectional"]],
  ["Arguments", ["return_sequences", "return_state", "stateful", "use_bias", "reset_after"]],
];
/** @type {Partial<Record<Name, string>>} the others have their own names */
const LABELS = { bidirectional: "Bidirectional", reset_after: "reset_after (only GRU)" };
const STATUS = "explorer-said";

/** @type {(place: HTMLElement) => Promise<void>} put the explorer there; rejects, and leaves the place
 *    as it is, where its styles can't be had */
export async function mount(place) {
  await styles();
  const start = read(place.dataset.start ?? "", START);
  const before = read(location.search, start);
  const fields = new Map(GROUPS.flatMap(([, names]) => names).map((name) => [name, field(name, before)]));
  const said = make("p", { id: STATUS });
  said.setAttribute("role", "status");
  const shown = make("div");

  function show() {
    const values = [...fields].map(([name, one]) => [name, value(one)]);
    const choices = /** @type {Choices} */ (Object.fromEntries(values));
    const found = explain(choices);
    const wrong = "reason" in found ? found : null;
    for (const [name, one] of fields) blame(one, name === wrong?.field);
    const resets = fields.get("reset_after");
    if (resets) resets.disabled = choices.layer !== "GRU";
    said.className = wrong ? "explorer-refused" : "";
    if ("reason" in found) {
      said.textContent = found.reason;
      shown.replaceChildren(...found.says.map(quoted));
    } else {
      said.textContent = sentence(choices, found);
      shown.replaceChildren(...result(choices, found));
    }
    if (!wrong || wrong.says.length) keep(write(choices, start, location.search));
  }
  const form = make("div", { className: "explorer-form" });
  for (const [legend, names] of GROUPS) {
    const pairs = names.map((name) => labeled(name, /** @type {Field} */ (fields.get(name))));
    form.append(make("fieldset", {}, make("legend", {}, legend), ...pairs));
  }
  form.addEventListener("input", show);
  show();
  const whole = make("section", { id: place.id, className: "explorer", ariaLabel: "Shape explorer" }, form, said, shown);
  Object.assign(whole.dataset, place.dataset); // the room that is kept free depends on it
  place.replaceWith(whole);
}

/** @type {(name: Name, choices: Choices) => Field} */
function field(name, choices) {
  const id = `explorer-${name}`;
  const chosen = choices[name];
  if (typeof chosen === "boolean") return make("input", { id, type: "checkbox", checked: chosen });
  if (name === "layer" || name === "bidirectional") {
    const names = name === "layer" ? LAYER_NAMES : MODES;
    const made = make("select", { id }, ...names.map((value) => make("option", { value }, value)));
    made.value = String(chosen);
    return made;
  }
  const placeholder = name === "batch" || name === "timesteps" ? "None" : "";
  return make("input", { id, type: "number", min: "1", max: `${LARGEST}`, placeholder, value: `${chosen ?? ""}` });
}

/** @type {(field: Field, isWrong: boolean) => void} */
function blame(field, isWrong) {
  field.setAttribute("aria-invalid", String(isWrong));
  if (isWrong) field.setAttribute("aria-describedby", STATUS);
  else field.removeAttribute("aria-describedby");
}

/** @type {(name: Name, field: Field) => HTMLElement} */
function labeled(name, field) {
  const label = make("label", { htmlFor: field.id }, LABELS[name] ?? name);
  return field.type === "checkbox"
    ? make("span", { className: "explorer-switch" }, field, label)
    : make("span", { className: "explorer-field" }, label, field);
}

/** @type {(field: Field) => string | boolean | number | null} null where nothing is written, NaN where
 *    it is no number */
function value(field) {
  if (field.type === "checkbox") return /** @type {HTMLInputElement} */ (field).checked;
  if (field.type !== "number") return field.value;
  return field.validity.badInput ? NaN : field.value === "" ? null : Number(field.value);
}

/** @type {(message: string, n: number) => Node} what the generations say, the newer one first */
function quoted(message, n) {
  return make("p", {}, `Keras ${3 - n} says: `, make("code", {}, message));
}

/** @type {(query: string) => void} put it into the address */
function keep(query) {
  if (query === location.search) return;
  try {
    history.replaceState(history.state, "", location.pathname + query + location.hash);
  } catch {
    // A browser may refuse it if many come at once. The next change is kept again.
  }
}

/** Resolves when the styles are there, so that nothing is seen without them. */
function styles() {
  return new Promise((resolve, reject) => {
    const href = String(new URL("explorer.css", import.meta.url));
    document.head.append(make("link", { rel: "stylesheet", href, onload: resolve, onerror: reject }));
  });
}
