// @ts-check
// What the page says of a block of Python: its code, its output, its tables.

/** @typedef {import("./keras.js").Table} Table */

/** @type {(block: Element) => string} */
export function codeOf(block) {
  return block.querySelector("pre code")?.textContent ?? "";
}

/** @type {(block: Element) => string} the output under a block: in tabs, that of Keras 3 */
export function outputOf(block) {
  let next = block.nextElementSibling;
  if (next?.classList.contains("tabbed-set")) {
    const labels = [...next.querySelectorAll(".tabbed-labels > label")].map((one) => one.textContent?.trim());
    next = next.querySelectorAll(".tabbed-content > .tabbed-block")[labels.indexOf("Keras 3")]?.firstElementChild;
    // A tab may hold the output of the snippet above, or a snippet of its own.
  }
  return next?.classList.contains("language-text") ? codeOf(next) : "";
}

/** @type {(block: HTMLElement) => {tables: Table[], cells: string[][]}} the tables that are run with it */
export function tablesOf(block) {
  const article = block.closest("article") ?? document;
  const all = [...article.querySelectorAll("table")].filter(isRun);
  const own = (block.dataset.run ?? "").split(" ").filter(Boolean).map((n) => all[Number(n)]);
  const rowsOf = (/** @type {Element} */ table) => [...table.querySelectorAll("tbody tr")];
  return {
    tables: own.map((table) => ({
      headers: [...table.querySelectorAll("thead th")].map(onlyCode),
      rows: rowsOf(table).map((row) => row.querySelector("td")?.textContent?.trim() ?? ""),
    })),
    cells: own.flatMap(rowsOf).map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")),
  };
}

/** @type {(table: Element) => boolean} as in the proof: its first header is code */
const isRun = (table) => onlyCode(table.querySelector("thead th")) !== null;

/** @type {(cell: Element | null) => string | null} */
function onlyCode(cell) {
  const found = cell?.querySelectorAll("code") ?? [];
  return found.length === 1 ? found[0].textContent : null;
}
