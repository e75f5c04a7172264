// @ts-check
// What Material's scripts leave undone for keyboards and screen readers.

import { make } from "./dom.js";

/** Let tables that scroll be scrolled by keyboard. */
function fix() {
  for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    wrap.setAttribute("tabindex", "0");
  }
}

new MutationObserver(fix).observe(document.body, { childList: true, subtree: true });
fix();

// "Copied to clipboard" is said, too.
document.querySelector(".md-dialog")?.setAttribute("aria-live", "polite");

/** Tab and a screen reader know a button, and not the label of a checkbox that isn't seen.
 *  @type {(label: HTMLLabelElement) => HTMLButtonElement} what it is now */
function asButton(label) {
  const toggle = /** @type {HTMLInputElement} */ (label.control);
  const button = make("button", { className: label.className, type: "button" });
  if (label.id) button.id = label.id;
  button.append(...label.childNodes);
  label.replaceWith(button);
  const tell = () => (button.ariaExpanded = String(toggle.checked));
  tell();
  toggle.addEventListener("change", tell);
  addEventListener("pageshow", tell); // what the browser restored
  button.addEventListener("click", () => toggle.click());
  return button;
}

/** Focus the first control of the drawer that isn't covered: an open section covers what is before
 *  it. It still slides in, so the page must not scroll to it. */
function focusDrawer() {
  const nav = document.querySelector(".md-sidebar--primary");
  const open = [...(nav?.querySelectorAll(".md-nav__toggle:checked ~ .md-nav") ?? [])].at(-1) ?? nav;
  /** @type {HTMLElement | null | undefined} */ (open?.querySelector("a, button"))?.focus({ preventScroll: true });
}

/** @type {NodeListOf<HTMLLabelElement>} */
const sections = document.querySelectorAll("label.md-nav__link[for^=__nav]");
for (const label of sections) {
  const section = asButton(label);
  const title = section.parentElement?.querySelector("label.md-nav__title");
  if (!(title instanceof HTMLLabelElement)) continue;
  const back = asButton(title); // shown in the drawer only
  section.addEventListener("click", () => back.checkVisibility() && focusDrawer());
  back.addEventListener("click", () => {
    section.focus();
    if (document.activeElement !== section) focusDrawer(); // another section covers it
  });
}

const opener = document.querySelector("label[for=__drawer].md-header__button");
if (opener instanceof HTMLLabelElement) {
  const drawer = /** @type {HTMLInputElement} */ (opener.control);
  const button = asButton(opener);
  button.ariaLabel = "Navigation";
  button.addEventListener("click", focusDrawer);
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
