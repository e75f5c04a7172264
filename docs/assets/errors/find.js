// @ts-check
// Which entry knows an error, and which of its causes fits? A message is its words in threes, each
// weighing the more the fewer entries have it. Other facts than the paste's rule an entry out.

import { once } from "../once.js";
import { slug } from "../search/terms.js";
import { agree, facts, FACTS, lastError, marks, plain, threes } from "./message.js";

/** @typedef {{address: string, heading: string, causes: Cause[], words: Set<string>}} Entry */
/** @typedef {{address: string, heading: string, messages: Message[]}} Cause */
/** @typedef {{threes: Set<string>, weight: number, marks: Set<string>,
 *    facts: import("./message.js").Facts, namesLayer: boolean}} Message */
/** @typedef {{entries: Entry[], weights: Map<string, number>, most: number}} Index */
/** @typedef {{entry: Entry, cause?: Cause, because: string}} Found */
/** @typedef {{given: string[], sentences: {threes: string[], weight: number}[],
 *    facts: import("./message.js").Facts, namesNoLayer: boolean}} Paste weight: of a sentence, with what no entry has */

const ENOUGH = 0.6; // of a message, in the whole paste
const NEARLY_ALL = 0.8; // of one with fewer threes than SHORT
const SHORT = 6;
const SENTENCE = 0.75; // of a sentence of the paste, in a message
const DISTINCT = 1; // threes that no other entry has: what a sentence shares weighs as much
const CLOSE = 0.7; // to the best
const WITHOUT_LAYER = 0.5; // of a message that has one
const NAMES_LAYER = /[Ll]ayer ['"`](?!.*\(type (Functional|Sequential)\))|(?<!Functional|Sequential)\.call\(\)/;
const HALF = 0.5; // of what the paste has from there on, in the message
const SHORTEST = 2; // threes of a sentence
const SHOWN = 5;
const NEAR = 0.1; // of a word that one entry has
const OF_PYTHON = /^\W*\w+ index out of range\W*$/; // many programs raise it

/** @type {(page: string, heading: string) => string} */
export function address(page, heading) {
  return `${page}/#${slug(heading)}`;
}

/** @type {(pages: Record<string, [string, ...string[][]][]>) => Index} page → its entries: the
 *    heading, then for each cause its heading, or none, and its messages */
export function prepare(pages) {
  const entries = Object.entries(pages).flatMap(([page, those]) =>
    those.map(([heading, ...causes]) => ({
      address: address(page, heading),
      heading,
      words: new Set(causes.flat().concat(heading).flatMap(nouns)),
      causes: [["", heading], ...causes].map(([title, ...texts]) => ({
        address: address(page, title || heading),
        heading: title,
        messages: texts.map(plain).map((text) => ({
          threes: new Set(threes(text)),
          weight: 0,
          marks: marks(text),
          facts: facts(text),
          namesLayer: NAMES_LAYER.test(text),
        })),
      })),
    })),
  );
  /** @type {Map<string, Set<Entry>>} */
  const owners = new Map();
  for (const entry of entries) {
    for (const three of entry.causes.flatMap(({ messages }) => messages.flatMap((one) => [...one.threes]))) {
      owners.set(three, (owners.get(three) ?? new Set()).add(entry));
    }
  }
  const most = Math.log(1 + entries.length);
  const weights = new Map([...owners].map(([three, those]) => [three, most - Math.log(those.size)]));
  for (const { causes } of entries) {
    const messages = causes.flatMap(({ messages }) => messages);
    for (const kind of FACTS) {
      const all = messages.flatMap(({ facts }) => facts[kind]);
      // A part of a message has the facts of the whole ones.
      for (const { facts } of messages) facts[kind] = facts[kind].length ? facts[kind] : all;
    }
    for (const message of messages) message.weight = sum(message.threes, weights, 0);
  }
  return { entries, weights, most };
}

/** The index of all entries. Rejects where it can't be had. */
export const load = once(async () => {
  const answer = await fetch(new URL("index.json", import.meta.url));
  return prepare(await answer.json());
});

/** @type {(threes: Iterable<string>, weights: Map<string, number>, unknown: number) => number} */
function sum(threes, weights, unknown) {
  let total = 0;
  for (const three of threes) total += weights.get(three) ?? unknown;
  return total;
}

/** @type {(index: Index, pasted: string) => Found[]} best first */
export function find(index, pasted) {
  const whole = plain(pasted);
  const text = lastError(whole);
  const namesNoLayer = text !== whole && !NAMES_LAYER.test(text);
  // A terminal may have broken lines within words, or at blanks.
  const pastes = [text, text.replace(/\n/g, "")].map((one) => read(index, one, namesNoLayer));
  const [own, given] = [marks(text), new Set(threes(text))];
  const all = index.entries.flatMap((entry) => {
    const causes = entry.causes.map((cause) => ({
      cause,
      score: Math.max(...pastes.map((paste) => ofCause(index, cause, paste))),
    }));
    // Where words agree, numbers decide.
    const score = Math.max(...causes.map((one) => one.score && one.score * (1 + alike(one.cause, own, given) / 4)));
    return score ? [{ entry, score, causes }] : [];
  });
  all.sort((a, b) => b.score - a.score);
  const entries = all.filter(({ entry }) => !entry.address.startsWith("../")); // of the error pages
  const best = entries.length ? entries : all;
  return best
    .filter(({ score }) => score >= best[0].score * CLOSE)
    .slice(0, SHOWN)
    .map(({ entry, causes }) => ({ entry, ...fitting(causes, own, given) }));
}

/** @type {(index: Index, text: string, namesNoLayer: boolean) => Paste} */
function read({ weights, most }, text, namesNoLayer) {
  const sentences = text.split(/\n|\. |(?<=Error|Warning|Exit): /).filter((one) => !OF_PYTHON.test(one));
  return {
    given: [...new Set(threes(text))],
    sentences: sentences.map((sentence) => {
      const own = [...new Set(threes(sentence))];
      return { threes: own, weight: sum(own, weights, most) };
    }),
    facts: facts(text),
    namesNoLayer,
  };
}

/** @type {(index: Index, cause: Cause, paste: Paste) => number} */
function ofCause({ weights, most }, cause, { given, sentences, facts, namesNoLayer }) {
  /** @type {(part: string[], message: Message) => number} */
  const shared = (part, { threes }) => sum(part.filter((three) => threes.has(three)), weights, 0);
  const scores = cause.messages.map((message) => {
    const found = shared(given, message);
    if (!found || !agree(message.facts, facts)) return 0;
    // What else was raised, as far as the message could reach.
    const from = given.findIndex((three) => message.threes.has(three));
    const reach = given.slice(from, from + 2 * message.threes.size);
    const known = reach.filter((three) => message.threes.has(three)).length / reach.length;
    if (known < HALF) return 0;
    const isSentence = sentences.some(({ threes, weight }) => {
      const known = shared(threes, message);
      return threes.length >= SHORTEST && known >= DISTINCT * most && known >= SENTENCE * weight;
    });
    const enough = message.threes.size < SHORT ? NEARLY_ALL : ENOUGH;
    const share = message.namesLayer && namesNoLayer ? WITHOUT_LAYER : 1;
    return found >= enough * message.weight || isSentence ? (share * found * known * found) / message.weight : 0;
  });
  return Math.max(0, ...scores);
}

/** @type {(scored: {cause: Cause, score: number}[], own: Set<string>, given: Set<string>) => {cause?: Cause, because: string}}
 *    the cause whose words and numbers are most alike, if there are several */
function fitting(scored, own, given) {
  const titled = scored.filter(({ cause }) => cause.heading);
  const named = titled.filter(({ score }) => score);
  if (titled.length < 2 || !named.length) return { because: "" };
  if (named.length === 1) {
    const [{ cause }] = named;
    return own.size && !alike(cause, own, given) ? { because: "" } : { cause, because: "it raises this message" };
  }
  const best = Math.max(...named.map(({ score }) => score));
  const ranked = named
    .map(({ cause, score }) => ({ cause, score: score / best + alike(cause, own, given) }))
    .sort((a, b) => b.score - a.score);
  const [first, second] = ranked;
  if (first.score === second.score) return { because: "" };
  const others = ranked.slice(1).flatMap(({ cause }) => cause.messages);
  const reasons = [...own].filter(
    (mark) =>
      first.cause.messages.some((one) => one.marks.has(mark)) && !others.every((one) => one.marks.has(mark)),
  );
  return { cause: first.cause, because: reasons.slice(0, 2).join(", and ") || "its words fit best" };
}

/** @type {(cause: Cause, own: Set<string>, given: Set<string>) => number} 0 to 1: how much of a
 *    message was pasted, with the same marks */
function alike({ messages }, own, given) {
  return Math.max(
    ...messages.map(({ marks, threes }) => {
      const shared = [...own].filter((mark) => marks.has(mark)).length;
      const told = [...threes].filter((three) => given.has(three)).length / Math.max(threes.size, 1);
      return (told * shared) / Math.max(own.size, marks.size, 1);
    }),
  );
}

/** @type {(text: string) => string[]} its words that name things */
function nouns(text) {
  const words = text.toLowerCase().match(/[a-z_]{4,}/g) ?? [];
  return words.filter((word) => !/^(with|layer|received|that|must|have|input)$/.test(word));
}

/** @type {(index: Index, pasted: string) => Entry[]} what is nearest to an error that none knows */
export function near(index, pasted) {
  const given = new Set(nouns(lastError(plain(pasted))));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const word of index.entries.flatMap(({ words }) => [...words])) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const scored = index.entries.map((entry) => {
    const shared = [...given].filter((word) => entry.words.has(word));
    return { entry, score: shared.reduce((all, word) => all + 1 / (counts.get(word) ?? 1), 0) };
  });
  const best = scored.filter(({ score }) => score > NEAR).sort((a, b) => b.score - a.score);
  return best.slice(0, 3).map(({ entry }) => entry);
}
