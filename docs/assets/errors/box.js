// @ts-check
// The paste box: which entry knows this error text, and where to look in it first.

import { make } from "../dom.js";

/** @typedef {{address: string, heading: string}} Place addresses are from the error pages on */

const ERRORS = new URL("../../errors/", import.meta.url);

/** @type {(place: Element) => void} put the box there; its index is loaded when it is used */
export function mount(place) {
  const label = make("label", { htmlFor: "pasted" }, "Your error, or the whole traceback");
  const box = make("textarea", { id: "pasted", rows: 6, spellcheck: false, autocomplete: "off" });
  const said = make("p", { role: "status" });
  const list = make("ol");

  async function answer() {
    const text = box.value;
    try {
      const { status, items } = await answersTo(text);
      if (box.value !== text) return; // it was changed meanwhile
      said.textContent = status;
      list.replaceChildren(...items);
    } catch {
      said.textContent = "The box could not be loaded. Find your error in the list below.";
      list.replaceChildren();
    }
  }
  box.addEventListener("focus", answer, { once: true });
  box.addEventListener("input", answer);
  place.replaceChildren(label, box, said, list);
}

/** @type {(text: string) => Promise<{status: string, items: HTMLElement[]}>} what is known of an
 *    error, as items of a list. Rejects where the index can't be loaded */
export async function answersTo(text) {
  const { find, load, near } = await import("./find.js");
  const known = await load();
  if (!text.trim()) return { status: "", items: [] };
  const found = find(known, text);
  if (found.length) {
    const status = found.length === 1 ? "Best match:" : `${found.length} matches, best first:`;
    return { status, items: found.map(item) };
  }
  const nearby = near(known, text);
  return {
    status: `No entry matches this error.${nearby.length ? " Similar entries:" : ""}`,
    items: [...nearby.map((entry) => item({ entry })), searchFor(text)],
  };
}

/** @type {(found: {entry: Place, cause?: Place, because?: string}) => HTMLElement} */
function item({ entry, cause, because }) {
  const one = make("li", {}, link(entry.address, entry.heading));
  if (cause) {
    const hint = make("p", {}, "Look first at: ", link(cause.address, cause.heading));
    if (because) hint.append(`, because ${because}.`);
    one.append(hint);
  }
  return one;
}

/** @type {(pasted: string) => HTMLElement} */
function searchFor(pasted) {
  const last = pasted.trim().split("\n").at(-1) ?? "";
  return make("li", {}, link(`../?q=${encodeURIComponent(last.slice(0, 80))}`, "Search the site for its last line"));
}

/** @type {(address: string, text: string) => HTMLAnchorElement} */
function link(address, text) {
  return make("a", { href: new URL(address, ERRORS).href }, text);
}
