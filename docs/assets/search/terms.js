// @ts-check
// The terms of a text: its words without endings, parts of names, and the concepts they name.

import { SYNONYMS } from "./synonyms.js";

const COMMON = new Set(
  ("a about all am an and any are as at be because been but by can cannot could did do "
  + "does doing don each for from get gets getting give given gives go got had has have having how i if in into is it "
  + "its just keep like make makes me means more must my need needs now of off on or other "
  + "our out over per set should so some still than that the their them then there these they this those through to "
  + "too up use used using want wants was we were what when where which while who why will with without work works "
  + "would you your keras").split(" "),
);

/** @type {(word: string) => string} without the ending of a plural or a participle */
function stem(word) {
  if (word.length < 4 || /[\d_]/.test(word)) return word;
  const singular = word.replace(/ies$/, "y").replace(/([sxz]|[cs]h)es$/, "$1").replace(/([^su])s$/, "$1");
  const base = singular.replace(/(.{3,})(?:ing|ed)$/, "$1");
  return base.replace(/([bdgmnprt])\1$/, "$1").replace(/(.{3,})e$/, "$1");
}

/** @type {(text: string) => string[]} of a name, the name without its marks, and its parts */
export function words(text) {
  const spaced = text.replace(/\b(\d)[- ]?[dD]\b/g, "$1d"); // "3-D" is "3D"
  return (spaced.match(/[\p{L}_][\p{L}\d_]*|\d+[a-z]*/gu) ?? []).flatMap((name) => {
    const parts = name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase().split("_").filter(Boolean);
    const all = parts.length > 1 ? [parts.join(""), ...parts] : parts;
    return all.filter((word) => !COMMON.has(word)).map(stem);
  });
}

/** Each phrase as its words, with the name of its concept, which no word has. */
const PHRASES = SYNONYMS.flatMap((group, n) =>
  group.map((phrase) => ({ concept: `~${n}`, phrase: words(phrase) })),
);

/** @type {(found: string[]) => string[]} the concepts that some words name, in their order */
export function concepts(found) {
  return PHRASES.filter(({ phrase }) =>
    found.some((_, at) => phrase.every((word, n) => found[at + n] === word)),
  ).map(({ concept }) => concept);
}

/** @type {(found: string[]) => string[]} each two that follow one another */
export function pairs(found) {
  return found.slice(1).map((word, n) => `${found[n]} ${word}`);
}

/** @type {(heading: string) => string} its anchor, as Markdown makes it */
export function slug(heading) {
  const kept = heading.toLowerCase().replace(/[^\p{L}\d_\s-]/gu, "").trim();
  return kept.replace(/[\s-]+/g, "-");
}
