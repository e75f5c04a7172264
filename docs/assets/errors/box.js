// @ts-check
// The paste box: which entry knows this error text, and where to look in it first.

import { find, load, near } from "./find.js";

/** @typedef {{address: string, heading: string}} Place */

/** @type {(place: Element) => void} put the box there; its index is loaded when it is used */
export function mount(place) {
  const label = document.createElement("label");
  label.htmlFor = "pasted";
  label.textContent = "Your error, or the whole traceback";
  const box = document.createElement("textarea");
  Object.assign(box, { id: "pasted", rows: 6, spellcheck: false, autocomplete: "off" });
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  const list = document.createElement("ol");

  async function answer() {
    try {
      const known = await load();
      const found = find(known, box.value);
      const nearby = found.length || !box.value.trim() ? [] : near(known, box.value);
      said.textContent = status(found.length, nearby.length);
      list.replaceChildren(...found.map(item), ...nearby.map((entry) => item({ entry })));
      if (box.value.trim() && !found.length) list.append(searchFor(box.value));
    } catch {
      said.textContent = "The box could not be loaded. Find your error in the list below.";
      list.replaceChildren();
    }
  }
  /** @type {(found: number, nearby: number) => string} */
  function status(found, nearby) {
    if (found) return `Found, best first (${found}):`;
    if (!box.value.trim()) return "";
    return `No entry here knows this error.${nearby ? " These are about something like it:" : ""}`;
  }
  box.addEventListener("focus", answer, { once: true });
  box.addEventListener("input", answer);
  place.replaceChildren(label, box, said, list);
}

/** @type {(found: {entry: Place, cause?: Place, because?: string}) => HTMLElement} */
function item({ entry, cause, because }) {
  const one = document.createElement("li");
  one.append(link(entry.address, entry.heading));
  if (cause) {
    const hint = document.createElement("p");
    hint.append("Look first at: ", link(cause.address, cause.heading));
    if (because) hint.append(`, because ${because}.`);
    one.append(hint);
  }
  return one;
}

/** @type {(pasted: string) => HTMLElement} */
function searchFor(pasted) {
  const last = pasted.trim().split("\n").at(-1) ?? "";
  const one = document.createElement("li");
  one.append(link(`../?q=${encodeURIComponent(last.slice(0, 80))}`, "Search the site for its last line"));
  return one;
}

/** @type {(address: string, text: string) => HTMLAnchorElement} */
function link(address, text) {
  const made = document.createElement("a");
  made.href = address;
  made.textContent = text;
  return made;
}
