// @ts-check
// Which sections answer a query? Each is scored by BM25 over its fields (Robertson and Zaragoza,
// "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, 3.6), by the one most alike of
// the questions that it answers, and by words that follow one another in both.

import { concepts, pairs, slug, words } from "./terms.js";

/** @typedef {"title" | "page" | "asked" | "answer" | "rest"} Field */
/** @typedef {{location: string, title: string, answer: string, asked: string[][],
 *    rest: string[]}} Section asked: the words of each question; rest: other words that it has */
/** @typedef {{section: Section, weights: Map<string, number>, questions: Set<string>[],
 *    lengths: number[], titled: Set<string>, pairs: Set<string>}} Row lengths: of the questions, as vectors of terms */
/** @typedef {{rows: Row[], rarity: Map<string, number>, average: Record<Field, number>,
 *    titles: Map<string, string>, about: Map<string, string[]>}} Index about: the subjects in the title
 *    of each page */
/** @typedef {{section: Section, score: number, fit: number}} Found score: for its page; fit: among its page's */
/** @typedef {{pages: string[], titles: string[], anchors: string[], answers: string[],
 *    asked: string[], rest: string[]}} Columns of all sections, in their order; an empty anchor is
 *    the title's own, "#" is the page itself; a section without a page is of the one before */

// Chosen with `make search`, by questions that are asked without their own wording in the index.
const SATURATION = 2.8; // k1
const BY_LENGTH = 0.22; // b
/** @type {Record<Field, number>} */
const WEIGHTS = { title: 1.5, page: 3.5, asked: 3.4, answer: 1.6, rest: 2.4 };
const CONCEPT = 0.7; // of words for the same thing, beside a word
const QUESTION = 0.88; // of the question most alike
const PAIR = 0.66; // of two words that follow one another
const FURTHER = 0.32; // of each further section of a page, beside the one before
const TITLED = 0.5; // more fit, where the title has all terms of the query
const OPENING = 0.85; // of what stands before the first heading of a page
const ERRORS = 0.7; // of the error pages, where a query doesn't sound like an error
const EXAMPLES = 0.6;
const OTHER = 0.9; // a page whose title names a layer that isn't asked for
/** Layers and manners that have pages of their own, as words of the index. */
const SUBJECTS = ["gru", "simplernn", "convlstm", "bidirectional", "cnn", "attention", "autoencoder", "stateful"]
  .map((one) => words(one)[0]);
const PREFIX = 3; // letters of a word that is being typed
const FAULT =
  /error|rais|fail|reject|can(not|'t)|could not|invalid|incompatible|(un)?expected|must be|received|exception|warn|crash|not supported|doesn?'?t work|\bgot\b|ndim/i;

/** @type {(columns: Columns) => Section[]} */
export function sectionsOf({ pages, titles, anchors, answers, asked, rest }) {
  let page = "";
  return titles.map((title, n) => {
    page = pages[n] || page;
    const anchor = anchors[n] || `#${slug(title)}`;
    return {
      location: page.replace(/^\.$/, "") + anchor.replace(/^#$/, ""),
      title,
      answer: answers[n],
      asked: asked[n] ? asked[n].split("|").map((one) => one.split(" ")) : [],
      rest: rest[n] ? rest[n].split(" ") : [],
    };
  });
}

/** @type {(section: Section) => string} */
export function pageOf({ location }) {
  return location.split("#")[0];
}

/** @type {(sections: Section[]) => Index} */
export function prepare(sections) {
  const titles = new Map(sections.map(({ location, title }) => [location, title]));
  const average = { title: 0, page: 0, asked: 0, answer: 0, rest: 0 };
  const all = sections.map((section) => fields(section, titles));
  for (const one of all) {
    for (const name of names(average)) average[name] += one[name].length / all.length;
  }
  /** @type {Map<string, number>} */
  const rarity = new Map();
  const rows = sections.map((section, n) => row(section, all[n], average));
  for (const { weights } of rows) {
    for (const term of weights.keys()) rarity.set(term, (rarity.get(term) ?? 0) + 1);
  }
  for (const [term, count] of rarity) {
    rarity.set(term, Math.log(1 + (rows.length - count + 0.5) / (count + 0.5)));
  }
  for (const one of rows) one.lengths = lengths(one, rarity);
  const openings = sections.filter((one) => pageOf(one) === one.location);
  const about = new Map(openings.map(({ location, title }) => [location, subjectsOf(title)]));
  return { rows, rarity, average, titles, about };
}

/** @type {(title: string) => string[]} */
function subjectsOf(title) {
  const named = words(title);
  return SUBJECTS.filter((one) => named.includes(one));
}

/** @type {(row: Row, rarity: Map<string, number>) => number[]} */
function lengths({ questions }, rarity) {
  return questions.map((one) => Math.sqrt([...one].reduce((all, term) => all + weight(rarity, term), 0)));
}

/** @type {(rarity: Map<string, number>, term: string) => number} */
function weight(rarity, term) {
  return (rarity.get(term) ?? 0) * (term[0] === "~" ? CONCEPT : 1);
}

/** @type {(index: Index, at: number, asked: string[][]) => Index} with other questions */
export function withQuestions(index, at, asked) {
  const section = { ...index.rows[at].section, asked };
  const changed = row(section, fields(section, index.titles), index.average);
  changed.lengths = lengths(changed, index.rarity);
  return { ...index, rows: index.rows.with(at, changed) };
}

/** @type {(average: Record<Field, number>) => Field[]} */
function names(average) {
  return /** @type {Field[]} */ (Object.keys(average));
}

/** @type {(found: string[]) => string[]} */
function withConcepts(found) {
  return [...found, ...concepts(found)];
}

/** @type {(section: Section, titles: Map<string, string>) => Record<Field, string[]>} */
function fields(section, titles) {
  return {
    title: withConcepts(words(section.title)),
    page: withConcepts(words(titles.get(pageOf(section)) ?? "")),
    asked: section.asked.flatMap(withConcepts),
    answer: withConcepts(words(section.answer)),
    rest: section.rest,
  };
}

/** @type {(section: Section, found: Record<Field, string[]>, average: Index["average"]) => Row} */
function row(section, found, average) {
  /** @type {Map<string, number>} */
  const weights = new Map();
  for (const name of names(average)) {
    const length = 1 - BY_LENGTH + (BY_LENGTH * found[name].length) / (average[name] || 1);
    for (const term of found[name]) {
      weights.set(term, (weights.get(term) ?? 0) + WEIGHTS[name] / length);
    }
  }
  const texts = [words(section.title), words(section.answer), ...section.asked];
  return {
    section,
    weights,
    questions: section.asked.map((one) => new Set(withConcepts(one))),
    lengths: [],
    titled: new Set(found.title),
    pairs: new Set(texts.flatMap(pairs)),
  };
}

/** @type {(index: Index, query: string) => Map<string, number>} its terms, and what each weighs */
function wanted({ rarity }, query) {
  const typed = words(query);
  const typing = /[\p{L}\d_]$/u.test(query);
  const found = typed.map((word, n) => known(rarity, word, typing && n === typed.length - 1));
  return new Map([...found, ...concepts(found)].map((term) => [term, weight(rarity, term)]));
}

/** @type {(rarity: Map<string, number>, word: string, typing: boolean) => string} itself, or the
 *    commonest known one that it begins, or that is a letter away */
function known(rarity, word, typing) {
  if (rarity.has(word) || word.length < PREFIX || word[0] <= "9") return word;
  const all = [...rarity.keys()];
  const begun = typing ? all.filter((other) => other.startsWith(word)) : [];
  const near = begun.length || word.length < 4 ? begun : all.filter((other) => isNear(word, other));
  return near.sort((a, b) => (rarity.get(a) ?? 0) - (rarity.get(b) ?? 0))[0] ?? word;
}

/** @type {(a: string, b: string) => boolean} one letter more, less, another, or two swapped */
function isNear(a, b) {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [rest, other] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return rest.length + other.length < 3 || (rest.length === 2 && rest === other[1] + other[0]);
}

/** @type {(index: Index, query: string) => Found[][]} the best page first, and its best section */
export function search(index, query) {
  const terms = wanted(index, query);
  const following = pairs(words(query));
  const whole = [...terms.values()].reduce((all, one) => all + one, 0) || 1;
  /** @type {Map<string, Found[]>} */
  const pages = new Map();
  for (const { section, weights, questions, lengths, pairs: own, titled } of index.rows) {
    let score = 0;
    for (const [term, weight] of terms) {
      const count = weights.get(term);
      if (count) score += (weight * count) / (SATURATION + count);
    }
    if (!score) continue;
    let alike = 0;
    questions.forEach((one, n) => {
      let shared = 0;
      for (const [term, weight] of terms) if (one.has(term)) shared += weight;
      alike = Math.max(alike, shared / (lengths[n] || 1));
    });
    score += QUESTION * alike;
    for (const pair of following.filter((one) => own.has(one))) {
      score += PAIR * Math.min(...pair.split(" ").map((word) => index.rarity.get(word) ?? 0));
    }
    let covered = 0;
    for (const [term, weight] of terms) if (titled.has(term)) covered += weight;
    const fit = score * (1 + TITLED * (covered / whole) ** 2);
    const page = pageOf(section);
    if (page === section.location) score *= OPENING;
    pages.set(page, [...(pages.get(page) ?? []), { section, score, fit }]);
  }
  const kinds = { "errors/": FAULT.test(query) ? 1 : ERRORS, "examples/": EXAMPLES };
  const scored = [...pages].map(([page, found]) => {
    found.sort((a, b) => b.score - a.score);
    const total = found.slice(0, 6).reduce((all, { score }, n) => all + score * FURTHER ** n, 0);
    const kind = Object.entries(kinds).find(([folder]) => page.startsWith(folder));
    found.sort((a, b) => b.fit - a.fit);
    const isOther = index.about.get(page)?.some((one) => !terms.has(one));
    return { found, score: total * (kind ? kind[1] : 1) * (isOther ? OTHER : 1) };
  });
  return scored.sort((a, b) => b.score - a.score).map(({ found }) => found);
}
