// @ts-check
// From sections (standard input) to the index of the search (standard output): what its readers
// ask is kept as words without endings, and of the rest the words that few sections have.

import { readFileSync } from "node:fs";
import { slug, words } from "../../docs/assets/search/terms.js";

/** @typedef {{location: string, title: string, answer: string, rest: string, asked: string[]}} Section */

const RARE = 5; // sections that have a word, at most

/** @type {Section[]} */
const sections = JSON.parse(readFileSync(0, "utf-8"));
const all = sections.map(({ rest }) => new Set(words(rest)));
/** @type {Map<string, number>} */
const counts = new Map();
for (const word of all.flatMap((one) => [...one])) counts.set(word, (counts.get(word) ?? 0) + 1);

const asked = sections.map((one) => [...new Set(one.asked.map((text) => words(text).join(" ")))]);
const own = sections.map(
  ({ title, answer }, n) => new Set([...words(title), ...words(answer), ...asked[n].join(" ").split(" ")]),
);
const pages = sections.map(({ location }) => location.split("#")[0] || ".");
const columns = {
  pages: pages.map((page, n) => (page === pages[n - 1] ? "" : page)),
  titles: sections.map(({ title }) => title),
  anchors: sections.map(({ location, title }) => {
    const anchor = location.replace(/^[^#]*/, "");
    return anchor === `#${slug(title)}` ? "" : anchor || "#";
  }),
  answers: sections.map(({ answer }) => answer),
  asked: asked.map((one) => one.join("|")),
  rest: all.map((one, n) =>
    [...one].filter((word) => !own[n].has(word) && (counts.get(word) ?? 0) <= RARE).sort().join(" "),
  ),
};
process.stdout.write(JSON.stringify(columns));
