// @ts-check
// Asks questions of an index: from {index, questions} on standard input to the places of the right
// pages on standard output, the first is 0. A question's own wording is taken out of the index.

import { readFileSync } from "node:fs";
import { pageOf, prepare, search, sectionsOf, withQuestions } from "../../docs/assets/search/rank.js";
import { words } from "../../docs/assets/search/terms.js";

/** @typedef {{query: string, question: string, location: string, right: string[]}} Asked */

/** @type {{index: import("../../docs/assets/search/rank.js").Columns, questions: Asked[]}} */
const { index: columns, questions } = JSON.parse(readFileSync(0, "utf-8"));
const sections = sectionsOf(columns);
const whole = prepare(sections);

const places = questions.map(({ query, question, location, right }) => {
  const at = sections.findIndex((one) => one.location === location);
  const own = words(question).join(" ");
  const others = at < 0 ? [] : sections[at].asked.filter((one) => one.join(" ") !== own);
  const index = at < 0 ? whole : withQuestions(whole, at, others);
  const pages = search(index, query).map(([best]) => pageOf(best.section));
  return { place: pages.findIndex((page) => right.includes(page)), first: pages.slice(0, 3) };
});
process.stdout.write(JSON.stringify(places));
