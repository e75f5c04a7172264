// @ts-check
// The answers to a query, as Material's search box shows them.

import { find, load as loadErrors } from "../errors/find.js";
import { once } from "../once.js";
import { pageOf, prepare, search, sectionsOf } from "./rank.js";
import { words } from "./terms.js";

const ERROR = 5; // words, at least, of a message
const PAGES = 10; // shown
const SECTIONS = 6; // of a page
const OPEN = 3; // sections of a page that are shown unfolded
const CLOSE = 0.6; // to the page's best

/** @typedef {{location: string, title: string, text: string, score: number,
 *    terms: Record<string, boolean>}} Item text: HTML; score: below the first one's, it is folded */

const load = once(async () => {
  const answer = await fetch(new URL("index.json", import.meta.url));
  return prepare(sectionsOf(await answer.json()));
});

/** @type {(query: string) => Promise<Item[][]>} of each page: itself, and its sections */
export async function answer(query) {
  try {
    const index = await load();
    const errors = await asError(index, query);
    const found = search(index, query).slice(0, PAGES);
    return [...errors, ...found.map((sections, n) => page(index, sections, query, found.length - n))];
  } catch {
    const title = "The search could not be loaded. Type again to retry.";
    return [[{ location: "", title, text: "", score: 1, terms: {} }]];
  }
}

/** @type {(index: import("./rank.js").Index, query: string) => Promise<Item[][]>} what the paste
 *    box answers, if a message was pasted here */
async function asError({ titles }, query) {
  if (query.split(/\s+/).length < ERROR) return [];
  const found = find(await loadErrors(), query).slice(0, 2);
  return found.map(({ entry, cause, because }, n) => {
    const location = new URL(entry.address, "site:/errors/").href.replace("site:/", "");
    const hint = cause ? `Look first at: ${cause.heading}, because ${because}.` : "";
    const score = PAGES + found.length - n;
    const shown = { terms: {}, score };
    const page = location.split("#")[0];
    return [
      { ...shown, location, title: entry.heading, text: html(hint, () => false) },
      { ...shown, location: page, title: titles.get(page) ?? "", text: "", score: 0 },
    ];
  });
}

/** @type {(index: import("./rank.js").Index, found: import("./rank.js").Found[], query: string,
 *    score: number) => Item[]} */
function page(index, found, query, score) {
  const location = pageOf(found[0].section);
  const marked = new Set(words(query));
  const terms = Object.fromEntries(query.split(/[^\p{L}\d_]+/u).filter(isMarked).map((word) => [word, true]));
  /** @type {(word: string) => boolean} */
  function isMarked(word) {
    return words(word).some((one) => marked.has(one));
  }
  const items = found.slice(0, SECTIONS).map(({ section, fit }, n) => ({
    location: section.location,
    title: section.title,
    text: html(section.answer, isMarked),
    score: n < OPEN && fit >= CLOSE * found[0].fit ? score : 0,
    terms,
  }));
  if (items.some((item) => item.location === location)) return items;
  // Material takes the page from among its sections.
  const title = index.titles.get(location) ?? "";
  return [...items, { location, title, text: "", score: 0, terms }];
}

/** @type {(text: string, isMarked: (word: string) => boolean) => string} */
function html(text, isMarked) {
  const parts = text.split(/([\p{L}\d_]+)/u);
  const safe = parts.map((part) => part.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`));
  return safe.map((part, n) => (n % 2 && isMarked(part) ? `<mark>${part}</mark>` : part)).join("");
}
