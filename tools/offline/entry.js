// @ts-check
// What the site's modules ask a browser for, and what it doesn't have for a page from a folder.

import "../../docs/assets/search/worker.js";
import "../../docs/assets/site.js";

/** @type {{files: Record<string, string>}} files: what the modules fetch, by the ends of addresses */
const { files } = /** @type {any} */ (globalThis).offline;

globalThis.fetch = async (address) => {
  const name = Object.keys(files).find((one) => String(address).endsWith(one));
  if (!name) throw new TypeError(`${address} is not in this copy`);
  return new Response(files[name]);
};

// The page runs what the search's Worker runs, and sends the messages to itself.
globalThis.Worker = /** @type {any} */ (
  class extends EventTarget {
    constructor() {
      super();
      addEventListener("message", ({ data }) => this.dispatchEvent(new MessageEvent("message", { data })));
    }

    /** @param {unknown} data */
    postMessage(data) {
      globalThis.postMessage(data, "*");
    }
  }
);

// Links that scripts make lead to folders, which a browser would list.
addEventListener(
  "click",
  ({ target }) => {
    const link = target instanceof Element ? target.closest("a") : null;
    if (link?.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
  },
  true,
);
