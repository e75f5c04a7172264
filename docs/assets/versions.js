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
  for (const note of document.querySelectorAll("details.elsewhere")) {
    if (note instanceof HTMLDetailsElement) show(note, value, chosen.text);
  }
}

/** @type {(note: HTMLDetailsElement, version: string, name: string) => void} unfold what a version
 *    shows; without one, the note is as it was */
function show(note, version, name) {
  const parts = [...note.querySelectorAll("div")];
  const own = parts.filter((part) => part.dataset.in?.split(" ").includes(version));
  for (const part of parts) part.hidden = Boolean(version) && !own.includes(part);
  note.hidden = Boolean(version) && !own.length;
  note.open = own.length > 0;
  const summary = note.querySelector("summary");
  if (!summary) return;
  summary.dataset.all ??= summary.textContent ?? "";
  summary.textContent = own.length ? `${name} shows` : summary.dataset.all;
}
