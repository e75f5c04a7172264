// @ts-check
// Run and Edit on each block of Python that the browser can run. All else is loaded when asked for.

import { make } from "../dom.js";
import { once } from "../once.js";

const load = once(() => import("./cell.js"));

/** Put the buttons on the blocks of a page that have none. */
export function mount() {
  for (const block of document.querySelectorAll("[data-run]:not(.runnable)")) {
    const made = make("button", { className: "run-button", type: "button" }, "Run");
    made.addEventListener("click", () => open(/** @type {HTMLElement} */ (block), made));
    block.classList.add("runnable");
    block.append(made);
  }
}

/** @type {(block: HTMLElement, button: HTMLButtonElement) => Promise<void>} */
async function open(block, button) {
  button.disabled = true;
  try {
    const { Cell } = await load();
    button.remove();
    new Cell(block).run();
  } catch {
    button.disabled = false;
    button.textContent = "Could not be loaded. Try again";
  }
}
