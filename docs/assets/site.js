// @ts-check
// What a page has a place for, and what Material leaves undone.

import "./accessible.js";
import "./copy.js";

/** What a page can hold, and the module that puts it there.
 *  @type {[string, () => Promise<{mount: (place: Element) => unknown}>, string][]} */
const parts = [
  [
    "#paste-box",
    () => import("./errors/box.js"),
    "The box could not be loaded. Find your error in the list below.",
  ],
  [
    "#playground",
    () => import("./run/playground.js"),
    "The playground could not be loaded. Copy a program from below.",
  ],
];
for (const [selector, load, failed] of parts) {
  const place = document.querySelector(selector);
  if (!place) continue;
  load()
    .then(({ mount }) => mount(place))
    .catch(() => {
      place.textContent = failed;
    });
}

// The reader's version of Keras: once it is chosen, or was before.
const choice = document.querySelector(".versions select");
if (choice instanceof HTMLSelectElement) {
  const load = () => import("./versions.js");
  choice.addEventListener("change", () => load().then(({ choose }) => choose(choice)));
  try {
    if (localStorage.getItem("keras")) load().then(({ restore }) => restore(choice));
  } catch {
    // The browser keeps nothing.
  }
}
if (document.querySelector("[data-run]")) import("./run/blocks.js").then(({ mount }) => mount());

// It is large, so it comes when a reader comes to it.
const explorer = document.getElementById("shape-explorer");
if (explorer) {
  const near = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting) return;
      near.disconnect();
      import("./explorer/explorer.js")
        .then(({ mount }) => mount(explorer))
        .catch(() => explorer.classList.add("failed")); // its sentence stays
    },
    { rootMargin: "0px 0px -10%" },
  );
  near.observe(explorer);
}
