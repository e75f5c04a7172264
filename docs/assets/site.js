// @ts-check
// Two things that Material's scripts leave undone for keyboards and screen readers, and what a page
// has a place for.

/** Let tables that scroll be scrolled by keyboard; keep copy buttons out of the landmarks. */
function fix() {
  for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    wrap.setAttribute("tabindex", "0");
  }
  for (const nav of document.querySelectorAll(".md-code__nav:not([role])")) {
    nav.setAttribute("role", "none");
  }
}

new MutationObserver(fix).observe(document.body, { childList: true, subtree: true });
fix();

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

if (document.querySelector("[data-run]")) import("./run/blocks.js").then(({ mount }) => mount());

// It is large, so it comes when a reader comes near.
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
    { rootMargin: "50%" },
  );
  near.observe(explorer);
}
