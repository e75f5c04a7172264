// @ts-check
// A Copy button on each block of code. The theme has them too, but measures the page after each.

import { make } from "./dom.js";

const blocks = document.querySelectorAll(".highlight:not(.language-text) pre > code");
for (const [n, code] of blocks.entries()) {
  code.id = `code-${n}`;
  const button = make("button", { className: "md-code__button", title: "Copy to clipboard", type: "button" });
  button.dataset.mdType = "copy"; // its picture
  button.dataset.clipboardTarget = `#${code.id}`; // which the theme copies
  code.before(make("div", { className: "md-code__nav" }, button));
}
