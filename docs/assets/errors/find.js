// @ts-check
// Which entry knows an error, and which of its causes fits? A message is its words in threes, each
// weighing the more the fewer entries have it; numbers and shapes only tell causes apart.

import { slug } from "../search/terms.js";

/** @typedef {{address: string, heading: string, causes: Cause[], words: Set<string>}} Entry */
/** @typedef {{address: string, heading: string, messages: Message[]}} Cause */
/** @typedef {{threes: Set<string>, weight: number, marks: Set<string>, facts: Facts}} Message */
/** @typedef {Record<typeof FACTS[number], string[]>} Facts */
/** @typedef {{entries: Entry[], weights: Map<string, number>, most: number}} Index */
/** @typedef {{entry: Entry, score: number, cause?: Cause, because: string}} Found */

const LONGEST = 100_000; // letters of a traceback, from its end
const ENOUGH = 0.6; // of a message, in the whole paste
const NEARLY_ALL = 0.8; // of one with fewer threes than SHORT
const SHORT = 6;
const SENTENCE = 0.75; // of a sentence of the paste, in a message
const DISTINCT = 1; // what is shared weighs as much as so many threes that one entry has // what is shared weighs as much as so many threes that one entry has
const CLOSE = 0.7; // to the best
const HALF = 0.5; // of what the paste has from there on, in the message
const SHORTEST = 2; // threes of a sentence
const SHOWN = 5;
const FEWEST = 6; // words of a message without its place
const PLACE =
  /^\s*(in user code:\s+(\w+: )?)?(Exception encountered when calling (layer ['"][^'"]*['"] \(type \w+\)|[\w.<>]+\(\))\.\s+)?(Graph execution error:\s+(Detected at node .* defined at \(most recent call last\):\s+)?)?/;
const OF_PYTHON = /^\W*\w+ index out of range\W*$/; // many programs raise it
const FACTS = /** @type {const} */ (["layers", "operations", "names", "axes", "ranks"]);

/** @type {(text: string) => string} as it was raised: no colors, no prompts, no frames of a box */
function plain(text) {
  return text
    .slice(-LONGEST)
    .replace(/\x1b\[[\d;]*m/g, "")
    .replace(/^[ \t]*(>>>|\.\.\.|In \[\d*\]:|E  |[│|>])[ \t]?/gm, "")
    .replace(/[│╭╮╰╯─]+/g, " ");
}

/** @type {(text: string) => string} the last message of a traceback, without what a layer was given */
function lastError(text) {
  const last = [...text.matchAll(/^[\w.]*(?:Error|Exception|Warning|Exit): /gm)].at(-1);
  return text
    .slice(last ? last.index + last[0].length : 0)
    .replace(/(\n\s*| {2,})(Call arguments|Arguments) received by [\s\S]*/, "");
}

/** @type {(message: string) => string} without the place that it came from, unless little is left */
export function bare(message) {
  const rest = message.replace(PLACE, "");
  return rest.trim().split(/\s+/).length < FEWEST ? message : rest;
}

/** @type {(text: string) => string[]} what every program has of a message, in threes */
export function threes(text) {
  const fixed = bare(text)
    .replace(/expected shape=\(([^)]*)\), found shape=[([]([^)\]]*)[)\]]/g, difference)
    .replace(/[([](None|\d+)(, ?(None|\d+))*,?[)\]]/g, " ")
    .replace(/\b(layer|model|name) ["'`][^"'`\n]*["'`]/gi, "$1 ")
    .replace(/\b(min_|max_)?ndim=(\d)/g, "$1ndim$2 ")
    .replace(/\bdimension (\d)/gi, "dimension$1 ")
    .replace(/\baxis (-?)(\d+)/g, (_, minus) => `axis ${minus ? "last" : "first"}`)
    .replace(/([a-z])_\d+\b/g, "$1")
    .replace(/(not understood:', )'\w+'/, "$1") // the name of any argument
    .toLowerCase();
  const words = asLstm(fixed).match(/(?:m\w\w_)?ndim\d|dimension\d|[\p{L}_]+/gu) ?? [];
  return words.slice(2).map((word, n) => `${words[n]} ${words[n + 1]} ${word}`);
}

/** @type {(text: string) => string} with the name of one recurrent layer for all of them */
function asLstm(text) {
  return text.replace(/(?<=\b|cudnn)(gru|simple_?rnn|conv_?lst_?m\dd?)(?=\b|_|cell)/gi, "lstm");
}

// Names of layers as Keras makes them; those of one family are one.
const FAMILIES = {
  lstm: /^(bidirectional|lstm|gru|simplernn|rnn|stackedrnncells)(cell)?$/,
  convlstm: /^convlstm\dd(cell)?$/,
};
const LAYER =
  /^(depthwise|separable)?(lstm|gru|(simple)?rnn|conv\w*|dense|embedding|bidirectional|timedistributed|flatten|reshape|permute|repeatvector|masking|lambda|input(layer)?|concatenate|add|subtract|multiply|average|maximum|minimum|dot|merge|\w*attention|\w*normalization|\w*dropout\w*|\w*pooling\w*|\w*padding\w*|cropping\w*|upsampling\w*|activation|\w*relu|softmax|stackedrnncells|rescaling|resizing|discretization|hashing|categoryencoding|\w*lookup|textvectorization)(cell)?$/;

/** @type {(text: string) => Facts} the layers, operations and names of a message */
function facts(text) {
  /** @type {(pattern: RegExp) => string[]} */
  const all = (pattern) => [...text.matchAll(pattern)].map((found) => found[1]);
  const layers = [
    ...all(/\b[Ll]ayer ['"`]?(\w+?)(?:_\d+)?['"`]?[: ]/g),
    ...all(/(?:passed to|of type|type|class|for) '?(\w+)/g),
    ...all(/\b(\w+)\.call\(\)/g),
    ...all(/'(\w+)' object/g),
    ...all(/<(\w+) name=/g),
  ];
  const kinds = layers.map((one) => one.toLowerCase().replaceAll("_", "")).filter((one) => LAYER.test(one));
  const operations = [
    ...all(/\[Op:([A-Z]\w+)\]/g),
    ...all(/cannot compute (\w+) as/g),
    ...all(/\(op: '(\w+)'\)/g),
    ...all(/= (\w+)\[T=/g),
  ];
  return {
    layers: kinds.map((one) => Object.entries(FAMILIES).find(([, names]) => names.test(one))?.[0] ?? one),
    operations,
    names: all(/(?:has no attribute|unexpected keyword argument|real number, not) '(\w+)'/g).map((one) => asLstm(one).toLowerCase()),
    axes: all(/(expected \w*ndim=\d, found ndim=\d)/g),
    ranks: /\[Op:[A-Z]/.test(text) ? [shapes(text).map((shape) => shape.length).join()].filter(Boolean) : [],
  };
}

/** @type {(a: Facts, b: Facts) => boolean} nothing in one that the other has another of */
function agree(a, b) {
  return FACTS.every(
    (kind) => !a[kind].length || !b[kind].length || a[kind].some((one) => b[kind].includes(one)),
  );
}

/** @type {(match: string, expected: string, found: string) => string} which axis differs */
function difference(_, expected, found) {
  const [a, b] = [expected, found].map((shape) => shape.split(",").map((axis) => axis.trim()));
  const differs = a.map((axis, n) => axis !== "None" && axis !== b[n]);
  const axis = differs.lastIndexOf(true);
  const name =
    a.length !== b.length ? "rank" : axis === 0 ? "batch" : axis === a.length - 1 ? "features" : "steps";
  return ` expected shape found shape ${`${name} differs `.repeat(3)}`;
}

/** @type {(text: string) => string[][]} the shapes in it, each its numbers */
function shapes(text) {
  const found = text.match(/[([](?:None|\?|\d+)(?:, ?(?:None|\?|\d+))*,?[)\]]/g) ?? [];
  return found.slice(0, 3).map((one) => one.match(/None|\?|\d+/g) ?? []);
}

const COUNTS = ["no axis", "one axis", "two axes", "three axes", "four axes", "five axes", "six axes"];
const PLACES = ["first", "second", "third", "fourth", "fifth"];

/** @type {(text: string) => Set<string>} what its shapes and numbers say, as reasons */
export function marks(text) {
  const all = shapes(text);
  const said = [...all.flatMap(ofShape), ...ofPair(all[0] ?? [], all[1] ?? [])];
  const name = /layer ['"`]\w*?(_\d+)?['"`]/.exec(text);
  if (name) said.push(name[1] ? "the layer isn't the first of its kind" : "the layer is the first of its kind");
  const numbers = (text.replace(/[([][^)\]]*[)\]]/g, " ").match(/-?\b\d+\b/g) ?? []).map(Number);
  if (/\bx'? sizes: \d+, /.test(text)) said.push("x has several sizes");
  if (numbers[0] < 0) said.push("its number is negative");
  if (numbers[0] < numbers[1]) said.push("its first number is the smaller one");
  if (numbers[0] > numbers[1]) {
    said.push(`its first number is ${numbers[0] % numbers[1] ? "larger" : "a multiple of the second"}`);
  }
  return new Set(said);
}

/** @type {(shape: string[], n: number, all: string[][]) => string[]} */
function ofShape(shape, n, all) {
  const called = all.length > 1 ? `its ${PLACES[n]} shape` : "its shape";
  const inner = shape.slice(1, -1).filter((axis) => /\d/.test(axis));
  return [
    `${called} has ${COUNTS[shape.length] ?? "many axes"}`,
    `the batch is ${/\d/.test(shape[0]) ? "a number" : "open"} in ${called}`,
    ...(shape.at(-1) === "1" ? [`${called} ends in 1`] : []),
    ...(new Set(inner).size < inner.length ? [`${called} is that of an image`] : []),
  ];
}

/** @type {(one: string[], other: string[]) => string[]} what two shapes have in common */
function ofPair(one, other) {
  const last = one.at(-1) === other.at(-1);
  if (!one.length || !other.length) return [];
  if (one.length !== other.length) {
    return [
      `its shapes have ${COUNTS[one.length]} and ${COUNTS[other.length]}`,
      ...(last ? ["the last numbers agree"] : []),
      ...(one[1] && one[1] === other[1] ? ["the second numbers agree"] : []),
    ];
  }
  const differ = one.flatMap((axis, n) =>
    axis !== other[n] && /\d/.test(axis) && /\d/.test(other[n]) ? [`the ${PLACES[n]} numbers differ`] : [],
  );
  const isSwapped = one.length > 2 && !last && one.at(-1) === other.at(-2) && one.at(-2) === other.at(-1);
  return [...(isSwapped ? ["the last two numbers are swapped"] : []), ...differ];
}

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
        messages: texts.map((text) => ({
          threes: new Set(threes(text)),
          weight: 0,
          marks: marks(text),
          facts: facts(text),
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
    for (const message of messages) {
      message.weight = sum(message.threes, weights, 0);
      for (const kind of FACTS) {
        // Of a part of a message, those of the whole ones.
        if (!message.facts[kind].length) message.facts[kind] = messages.flatMap(({ facts }) => facts[kind]);
      }
    }
  }
  return { entries, weights, most };
}

/** @type {Promise<Index> | undefined} */
let loaded;

/** The index of all entries, fetched once. Rejects where it can't be had; the next call tries again. */
export function load() {
  loaded ??= fetch(new URL("index.json", import.meta.url))
    .then((answer) => answer.json())
    .then(prepare)
    .catch((error) => {
      loaded = undefined;
      throw error;
    });
  return loaded;
}

/** @type {(threes: Iterable<string>, weights: Map<string, number>, unknown: number) => number} */
function sum(threes, weights, unknown) {
  let total = 0;
  for (const three of threes) total += weights.get(three) ?? unknown;
  return total;
}

/** @type {(index: Index, pasted: string) => Found[]} best first */
export function find(index, pasted) {
  const text = lastError(plain(pasted));
  // A terminal may have broken lines within words, or at blanks.
  const pastes = [text, text.replace(/\n/g, "")].map((one) => ({
    given: new Set(threes(one)),
    sentences: one
      .split(/\n|\. |(?<=Error|Warning|Exit): /)
      .filter((sentence) => !OF_PYTHON.test(sentence))
      .map((sentence) => new Set(threes(sentence))),
    facts: facts(one),
  }));
  const all = index.entries.flatMap((entry) => {
    const causes = entry.causes.map((cause) => ({
      cause,
      score: Math.max(...pastes.map((paste) => ofCause(index, cause, paste))),
    }));
    const score = Math.max(...causes.map((one) => one.score));
    return score ? [{ entry, score, causes }] : [];
  });
  all.sort((a, b) => b.score - a.score);
  const own = all.filter(({ entry }) => !entry.address.startsWith("../")); // of the error pages
  const best = own.length ? own : all;
  return best
    .filter(({ score }) => score >= best[0].score * CLOSE)
    .slice(0, SHOWN)
    .map(({ entry, score, causes }) => ({ entry, score, ...fitting(causes, text) }));
}

/** @type {(index: Index, cause: Cause, paste: {given: Set<string>, sentences: Set<string>[],
 *    facts: Facts}) => number} */
function ofCause({ weights, most }, cause, { given, sentences, facts }) {
  /** @type {(part: Iterable<string>, message: Message) => number} */
  const shared = (part, { threes }) => sum([...part].filter((three) => threes.has(three)), weights, 0);
  const scores = cause.messages.map((message) => {
    const found = shared(given, message);
    if (!found || !agree(message.facts, facts)) return 0;
    // What else was raised, as far as the message could reach.
    const all = [...given];
    const from = all.findIndex((three) => message.threes.has(three));
    const reach = all.slice(from, from + 2 * message.threes.size);
    const known = reach.filter((three) => message.threes.has(three)).length / reach.length;
    if (known < HALF) return 0;
    const isPart = sentences.some((sentence) => {
      const weight = shared(sentence, message);
      return (
        sentence.size >= SHORTEST &&
        weight >= DISTINCT * most &&
        weight >= SENTENCE * sum(sentence, weights, most)
      );
    });
    const enough = message.threes.size < SHORT ? NEARLY_ALL : ENOUGH;
    return found >= enough * message.weight || isPart ? (found * known * found) / message.weight : 0;
  });
  return Math.max(0, ...scores);
}

/** @type {(scored: {cause: Cause, score: number}[], text: string) => {cause?: Cause, because: string}}
 *    the cause whose words and numbers are most alike, if there are several */
function fitting(scored, text) {
  const titled = scored.filter(({ cause }) => cause.heading);
  const named = titled.filter(({ score }) => score);
  if (titled.length < 2 || !named.length) return { because: "" };
  if (named.length === 1) return { cause: named[0].cause, because: "it raises this message" };
  const own = marks(text);
  const best = Math.max(...named.map(({ score }) => score));
  const ranked = named
    .map(({ cause, score }) => ({ cause, score: score / best + alike(cause, own) }))
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

/** @type {(cause: Cause, own: Set<string>) => number} from 0 to 1 */
function alike({ messages }, own) {
  return Math.max(
    ...messages.map(({ marks }) => {
      const shared = [...own].filter((mark) => marks.has(mark)).length;
      return shared / Math.max(own.size, marks.size, 1);
    }),
  );
}

/** @type {(text: string) => string[]} its words that name things */
function nouns(text) {
  return (text.toLowerCase().match(/[a-z_]{4,}/g) ?? []).filter((word) => !/^(with|layer|received|that|must|have|input)$/.test(word));
}

/** @type {(index: Index, pasted: string) => Entry[]} what is nearest to an error that none knows */
export function near(index, pasted) {
  const lines = plain(pasted).trim().split("\n");
  const given = new Set(nouns(lines.slice(-3).join(" ")));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const word of index.entries.flatMap(({ words }) => [...words])) counts.set(word, (counts.get(word) ?? 0) + 1);
  const scored = index.entries.map((entry) => {
    const shared = [...given].filter((word) => entry.words.has(word));
    return { entry, score: shared.reduce((all, word) => all + 1 / (counts.get(word) ?? 1), 0) };
  });
  return scored.filter(({ score }) => score > 0.1).sort((a, b) => b.score - a.score).slice(0, 3).map(({ entry }) => entry);
}
