// @ts-check
// Two things that Material's scripts leave undone for keyboards and screen readers.

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

const place = document.getElementById("paste-box");
if (place) {
  import("./errors/box.js")
    .then(({ mount }) => mount(place))
    .catch(() => {
      place.textContent = "The box could not be loaded. Find your error in the list below.";
    });
}
