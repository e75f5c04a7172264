// @ts-check
// The playground: a program of the reader's own, a picture of its shapes, and a link that carries it.

import { make } from "../dom.js";
import { Cell } from "./cell.js";
import { codeOf } from "./page.js";

const PREFIX = "#code=";

/** @type {(place: Element) => Promise<void>} put it there; the page's own blocks are its beginnings */
export async function mount(place) {
  const blocks = [...document.querySelectorAll("article .language-python[data-run]")];
  const programs = blocks.map((block) => ({
    name: headingAbove(block),
    code: codeOf(block),
  }));
  const linked = fromAddress();
  const code = make("code", {}, linked ?? programs[0]?.code ?? "");
  const block = make("div", { className: "language-python highlight runnable" }, make("pre", {}, code));

  const choice = make("select", {}, ...programs.map(({ name }, n) => new Option(name, String(n))));
  if (linked !== null) choice.prepend(new Option("The program of your link", "", true, true));
  const label = make("label", { className: "run-choice" }, "Start with ", choice);
  const picture = make("div", { className: "run-picture" });
  place.replaceWith(label, make("div", {}, block));

  const cell = new Cell(block, { isFree: true, onResult: ({ picture: svg }) => draw(picture, svg) });
  cell.panel.append(picture);
  const share = cell.button("Copy link", async () => {
    const address = new URL(PREFIX + encodeURIComponent(cell.code()), location.href);
    history.replaceState(history.state, "", address);
    try {
      await navigator.clipboard.writeText(address.href);
      cell.status.textContent = "Link copied. It contains this program.";
    } catch {
      cell.status.textContent = "The page's address now contains this program. Copy it from there.";
    }
  });
  cell.resetButton.after(share);
  choice.addEventListener("change", () => {
    if (choice.value) cell.open(programs[Number(choice.value)].code);
  });
  addEventListener("hashchange", () => {
    const asked = fromAddress();
    if (asked !== null && asked !== cell.code()) cell.open(asked);
  });
  // The editor is loaded when a reader turns to the program.
  Object.assign(block, { tabIndex: 0, role: "group", ariaLabel: "Program" });
  block.addEventListener("focusin", () => {
    block.removeAttribute("tabindex");
    cell.edit().then(() => cell.editor?.focus());
  }, { once: true });
}

/** @type {() => string | null} the program that the page's address carries */
function fromAddress() {
  if (!location.hash.startsWith(PREFIX)) return null;
  try {
    return decodeURIComponent(location.hash.slice(PREFIX.length));
  } catch {
    return null;
  }
}

/** @type {(block: Element) => string} */
function headingAbove(block) {
  let above = block.previousElementSibling;
  while (above && !/^H[1-6]$/.test(above.tagName)) above = above.previousElementSibling;
  return above?.firstChild?.textContent ?? "Program";
}

/** @type {(place: HTMLElement, svg: string) => void} an image runs no script, whatever is in it */
function draw(place, svg) {
  place.replaceChildren();
  if (!svg) return;
  const drawn = new DOMParser().parseFromString(svg, "image/svg+xml");
  const alt = drawn.querySelector("title")?.textContent ?? "";
  place.append(make("img", { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt }));
}
