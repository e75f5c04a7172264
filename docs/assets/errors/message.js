// @ts-check
// What a message of Keras says: its words, the layers and operations that it names, its shapes.

/** @typedef {Record<typeof FACTS[number], string[]>} Facts */

const LONGEST = 100_000; // letters of a traceback, from its end
const FEWEST = 6; // words of a message without its place
const PLACE =
  /^\s*(in user code:\s+(\w+: )?)?(Exception encountered when calling (layer ['"][^'"]*['"] \(type \w+\)|[\w.<>]+\(\))\.\s+)?(Graph execution error:\s+(Detected at node .* defined at \(most recent call last\):\s+)?)?/;
export const FACTS = /** @type {const} */ (["layers", "operations", "names", "axes", "ranks"]);

/** @type {(text: string) => string} as it was raised: no colors, no prompts, no frames of a box */
export function plain(text) {
  return text
    .slice(-LONGEST)
    .replace(/\x1b\[[\d;]*m/g, "")
    .replace(/^[ \t]*(>>>|\.\.\.|In \[\d*\]:|E  |[│|>])[ \t]?/gm, "")
    .replace(/[│╭╮╰╯─]+/g, " ")
    .replace(/<(KerasTensor|tf\.Tensor)[^>]*(>|$)|KerasTensor\(.*?'\)/g, "a tensor");
}

/** @type {(text: string) => string} the last message of a traceback, without what a layer was given */
export function lastError(text) {
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
    .replace(/([a-z])(_\d+)+(?!\w)/g, "$1")
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
export function facts(text) {
  /** @type {(pattern: RegExp) => string[]} */
  const all = (pattern) => [...text.matchAll(pattern)].map((found) => found[1]);
  const layers = [
    ...all(/\b[Ll]ayer ['"`]?(\w+?)(?:_\d+)?['"`]?[: ]/g),
    ...all(/(?:passed to|of type|type|class|for) '?(\w+)/g),
    ...all(/\b(\w+)\.call\(\)/g),
    ...all(/'(\w+)' object/g),
    ...all(/<(\w+) name=/g),
    ...all(/\bnode ([\w/]+)\//g).flatMap((place) => place.replace(/_\d+(?=\/|$)/g, "").split("/")),
  ];
  const kinds = layers.map((one) => one.toLowerCase().replaceAll("_", "")).filter((one) => LAYER.test(one));
  const operations = [
    ...all(/\[Op:([A-Z]\w+)\]/g),
    ...all(/cannot compute (\w+) as/g),
    ...all(/\(op: '(\w+)'\)/g),
    ...all(/(?:lstm_cell|gru_cell|simple_rnn_cell)(?:_\d+)?\/(MatMul)[}'":]/g),
    ...all(/(?:lstm_cell|gru_cell|simple_rnn_cell)(?:_\d+)?\/(MatMul_)\d+[}'":]/g), // of the state
    ...all(/= (?!MatMul\b)(\w+)\[T=/g),
  ];
  return {
    layers: kinds.map((one) => Object.entries(FAMILIES).find(([, names]) => names.test(one))?.[0] ?? one),
    operations,
    names: all(/(?:No module named|has no attribute|unexpected keyword argument|real number, not) '([\w.]+)'/g).map(
      (one) => asLstm(one).toLowerCase(),
    ),
    axes: all(/(expected \w*ndim=\d, found ndim=\d)/g),
    ranks: /\[Op:[A-Z]/.test(text) ? [shapes(text).map((shape) => shape.length).join()].filter(Boolean) : [],
  };
}

/** @type {(a: Facts, b: Facts) => boolean} nothing in one that the other has another of */
export function agree(a, b) {
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
  const sizes = /\bx'? sizes: (\d+(?:, \d+)*)/.exec(text);
  if (sizes) {
    const count = sizes[1].split(", ").length;
    const weights = /sample_weight/.test(text) ? ["it names sample_weight"] : [];
    return new Set([`x has ${["one size", "two sizes"][count - 1] ?? "many sizes"}`, ...weights]);
  }
  const said = [...all.flatMap(ofShape), ...ofPair(all[0] ?? [], all[1] ?? [])];
  const own = text.replace(/Label values:[\s\S]*/, "").replace(/File ".*?", line \d+/g, "");
  const numbers = (own.replace(/[([][^)\]]*[)\]]/g, " ").match(/-?\b\d+\b/g) ?? []).map(Number);
  if (numbers.length) said.push(`its first number is ${numbers[0] < 0 ? "negative" : "not negative"}`);
  if (numbers[0] < numbers[1]) said.push("its first number is the smaller one");
  if (numbers[0] > numbers[1]) {
    said.push(`its first number is ${numbers[0] % numbers[1] ? "larger" : "a multiple of the second"}`);
  }
  return new Set(said);
}

/** @type {(shape: string[], n: number, all: string[][]) => string[]} */
function ofShape(shape, n, all) {
  const called = all.length > 1 ? `its ${PLACES[n]} shape` : "its shape";
  // What all have tells nothing.
  const isShared = all.length > 1 && all.every(([batch]) => batch === shape[0]);
  const allEnd = all.length > 1 && all.every((one) => one.at(-1) === shape.at(-1));
  const inner = shape.slice(1, -1).filter((axis) => /\d/.test(axis));
  return [
    `${called} has ${COUNTS[shape.length] ?? "many axes"}`,
    ...(isShared ? [] : [`the batch is ${/\d/.test(shape[0]) ? "a number" : "open"} in ${called}`]),
    ...(shape.at(-1) === "1" && !allEnd ? [`${called} ends in 1`] : []),
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
