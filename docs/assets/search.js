// @ts-check
// Material fetches the index of the search, heavier than a page, with every page. Here it is
// fetched when a reader turns to the search.

{
  /** @type {Promise<void>} */
  const wanted = new Promise((resolve) => {
    if (/[?&][qh]=/.test(location.search)) resolve(); // a shared search, or a page that it found
    document.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "query") resolve();
    });
  });

  window.XMLHttpRequest = class extends XMLHttpRequest {
    #waits = false;

    /** @param {[method: string, url: string | URL, ...others: any[]]} request */
    open(...request) {
      this.#waits = String(request[1]).endsWith("/search_index.json");
      super.open(.../** @type {[string, string]} */ (request));
    }

    /** @param {XMLHttpRequestBodyInit | null} [body] */
    send(body) {
      if (this.#waits) wanted.then(() => super.send(body));
      else super.send(body);
    }
  };
}
