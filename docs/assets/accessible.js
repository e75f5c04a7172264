// @ts-check
// What Material's scripts leave undone for keyboards and screen readers.

import { make } from "./dom.js";

const drawer = /** @type {HTMLInputElement | null} */ (document.getElementById("__drawer"));
const label = document.querySelector(".md-header__button[for=__drawer]");

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

// "Copied to clipboard" is said, too.
document.querySelector(".md-dialog")?.setAttribute("aria-live", "polite");

// The label that opens the navigation, where that is a drawer, isn't reached by Tab.
if (drawer && label) {
  const button = make("button", { className: label.className, type: "button", ariaLabel: "Navigation" });
  button.append(...label.children);
  label.replaceWith(button);
  const tell = () => (button.ariaExpanded = String(drawer.checked));
  tell();
  drawer.addEventListener("change", tell);
  button.addEventListener("click", () => {
    drawer.click();
    /** @type {HTMLElement | null} */ (document.querySelector(".md-sidebar--primary a"))?.focus();
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !drawer.checked) return;
    drawer.click();
    button.focus();
  });
}

// Light and dark are switched by Enter, and now by Space.
const palette = document.querySelector("[data-md-component=palette]");
palette?.addEventListener("keydown", (event) => {
  if (!(event instanceof KeyboardEvent && event.key === " ")) return;
  event.preventDefault();
  /** @type {HTMLElement | null} */ (palette.querySelector("label:not([hidden])"))?.click();
  /** @type {HTMLElement | null} */ (palette.querySelector(":checked"))?.focus();
});

// A report names the section that a reader came to.
document.querySelector(".report-mistake")?.addEventListener("click", ({ currentTarget }) => {
  if (!(currentTarget instanceof HTMLAnchorElement) || !location.hash) return;
  const address = new URL(currentTarget.href);
  const title = address.searchParams.get("title") ?? "";
  address.searchParams.set("title", title.split("#")[0] + location.hash);
  currentTarget.href = address.href;
});
