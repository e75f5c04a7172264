// @ts-check
// The reader's version of Keras: picked once, in the header. Where it shows something else than the
// page, that is what is unfolded.

/** Shows what was chosen now, or before, and what is chosen next.
 *  @type {(choice: HTMLSelectElement) => void} */
export function choose(choice) {
  if (!choice.value) choice.value = kept();
  const apply = () => {
    keep(choice.value);
    for (const note of document.querySelectorAll("details.elsewhere")) {
      if (note instanceof HTMLDetailsElement) show(note, choice.value, choice.selectedOptions[0]?.text);
    }
  };
  choice.addEventListener("change", apply);
  apply();
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

/** @type {() => string} */
function kept() {
  try {
    return localStorage.getItem("keras") ?? "";
  } catch {
    return ""; // the browser keeps nothing
  }
}

/** @type {(version: string) => void} */
function keep(version) {
  try {
    localStorage.setItem("keras", version);
  } catch {
    // It is asked again on the next page.
  }
}
