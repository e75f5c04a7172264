// @ts-check
// The reader's version of Keras: picked once, in the header. Where it shows something else than the
// page, that is what is unfolded.

/** @type {(choice: HTMLSelectElement) => void} keep what is chosen now, and show it */
export function choose(choice) {
  try {
    localStorage.setItem("keras", choice.value);
  } catch {
    // It is asked again on the next page.
  }
  showAll(choice);
}

/** @type {(choice: HTMLSelectElement) => void} show what was chosen before, if there still is such */
export function restore(choice) {
  choice.value = localStorage.getItem("keras") ?? "";
  if (choice.selectedIndex < 0) choice.value = "";
  showAll(choice);
}

/** @type {(choice: HTMLSelectElement) => void} */
function showAll({ value, selectedOptions: [chosen] }) {
  const name = chosen.text;
  for (const note of document.querySelectorAll("details.elsewhere")) {
    if (note instanceof HTMLDetailsElement) show(note, value, name);
  }
  for (const table of document.querySelectorAll(".matrix table")) {
    if (table instanceof HTMLTableElement) showColumn(table, value && name.replace("Keras ", ""));
  }
  if (value) openTab(name.startsWith("Keras 3") ? "Keras 3" : "Keras 2");
}

/** @type {(note: HTMLDetailsElement, version: string, name: string) => void} unfold what a version
 *    shows; without one, the note is as it was */
function show(note, version, name) {
  const parts = [...note.querySelectorAll("div")];
  const own = parts.filter((part) => part.dataset.in?.split(" ").includes(version));
  for (const part of parts) {
    part.hidden = Boolean(version) && !own.includes(part);
    const names = part.querySelector("p"); // the summary says it already
    if (names) names.hidden = Boolean(version);
  }
  note.hidden = Boolean(version) && !own.length;
  note.open = own.length > 0;
  note.classList.toggle("chosen", note.open);
  const summary = note.querySelector("summary");
  if (!summary) return;
  summary.dataset.all ??= summary.textContent ?? "";
  summary.textContent = own.length ? `In ${name}` : summary.dataset.all;
}

/** @type {(table: HTMLTableElement, name: string) => void} show the first two columns and a
 *    version's own; without one, all */
function showColumn(table, name) {
  const own = [...table.rows[0].cells].findIndex((head) => head.textContent === name);
  for (const row of table.rows) {
    for (const [n, cell] of [...row.cells].entries()) cell.hidden = own > 1 && n > 1 && n !== own;
  }
}

/** @type {(generation: string) => void} the theme opens it in all sets of tabs */
function openTab(generation) {
  const labels = [...document.querySelectorAll(".tabbed-labels label")];
  const label = labels.find((one) => one.textContent?.trim() === generation);
  if (label instanceof HTMLElement) label.click();
}
