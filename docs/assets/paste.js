// @ts-check
// The paste box: which entry knows this error text?

const LONGEST = 100_000; // of a traceback, its end
const ENOUGH = 0.6; // of a message
const CLOSE = 0.7; // to the best
const SHOWN = 5;

/** @typedef {{entry: string[], triples: string[], weight: number}} Message */

/** @type {(text: string) => string[]} its words that every program has, in threes */
export function triples(text) {
  const fixed = text
    .slice(-LONGEST)
    .replace(/expected shape=\(([^)]*)\), found shape=[([]([^)\]]*)[)\]]/g, difference)
    .replace(/[([](None|\d+)(, ?(None|\d+))*,?[)\]]/g, " ")
    .replace(/\b(layer|model|name) ["'`][^"'`\n]*["'`]/gi, "$1 ")
    .replace(/ndim=(\d)/g, "ndim$1 ")
    .replace(/([a-z])_\d+\b/g, "$1")
    .toLowerCase();
  const words = fixed.match(/ndim\d|[\p{L}_]+/gu) ?? [];
  return words.slice(2).map((word, n) => `${words[n]} ${words[n + 1]} ${word}`);
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

/** @type {(page: string, heading: string) => string} as Markdown makes it */
export function address(page, heading) {
  const slug = heading.toLowerCase().replace(/[^\p{L}\d_\s-]/gu, "").trim();
  return `${page}/#${slug.replace(/[\s-]+/g, "-")}`;
}

/** @param {Record<string, string[][]>} pages page → entries, each its heading and texts */
export function prepare(pages) {
  const rows = Object.entries(pages).flatMap(([page, those]) =>
    those.map((texts) => [address(page, texts[0]), ...texts]),
  );
  /** @type {Map<string, Set<string>>} */
  const owners = new Map();
  const messages = rows.flatMap((entry) =>
    entry.slice(1).map((text) => ({ entry, triples: [...new Set(triples(text))], weight: 0 })),
  );
  for (const { entry, triples } of messages) {
    for (const triple of triples) {
      owners.set(triple, (owners.get(triple) ?? new Set()).add(entry[0]));
    }
  }
  const weights = new Map(
    [...owners].map(([triple, those]) => [triple, Math.log((1 + rows.length) / those.size)]),
  );
  for (const message of messages) {
    message.weight = sum(message.triples, weights);
  }
  return { messages: messages.filter((one) => one.weight), weights };
}

/** @type {(index: ReturnType<typeof prepare>, text: string) => string[][]} best first */
export function find(index, text) {
  const given = new Set(triples(text));
  /** @type {Map<string[], number>} */
  const scores = new Map();
  for (const { entry, triples, weight } of index.messages) {
    const found = sum(triples.filter((triple) => given.has(triple)), index.weights);
    if (found / weight >= ENOUGH) {
      // Of two, the longer says more.
      const score = (found / weight) * found;
      scores.set(entry, Math.max(score, scores.get(entry) ?? 0));
    }
  }
  const all = [...scores].sort((a, b) => b[1] - a[1]);
  const own = all.filter(([entry]) => !entry[0].startsWith("../")); // of the error pages
  const best = own.length ? own : all;
  return best.filter((one) => one[1] >= best[0][1] * CLOSE).map(([entry]) => entry).slice(0, SHOWN);
}

/** @type {(triples: string[], weights: Map<string, number>) => number} */
function sum(triples, weights) {
  return triples.reduce((total, triple) => total + (weights.get(triple) ?? 0), 0);
}

/** @type {(place: Element) => void} put the box there; its index is loaded when it is used */
export function mount(place) {
  const label = document.createElement("label");
  label.htmlFor = "pasted";
  label.textContent = "Your error, or the whole traceback";
  const box = document.createElement("textarea");
  Object.assign(box, { id: "pasted", rows: 6, spellcheck: false, autocomplete: "off" });
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  const list = document.createElement("ol");

  /** @type {Promise<ReturnType<typeof prepare>> | undefined} */
  let index;
  const load = () => (index ??= fetch(new URL("errors.json", import.meta.url))
    .then((answer) => answer.json())
    .then(prepare));
  async function answer() {
    try {
      show(find(await load(), box.value));
    } catch {
      index = undefined; // the next key tries again
      said.textContent = "The box could not be loaded. Find your error in the list below.";
    }
  }
  /** @type {(found: string[][]) => void} */
  function show(found) {
    const none = box.value.trim() ? "No entry here knows this error." : "";
    said.textContent = found.length ? `Found, best first (${found.length}):` : none;
    list.replaceChildren(
      ...found.map(([address, heading]) => {
        const [item, link] = [document.createElement("li"), document.createElement("a")];
        link.href = address;
        link.textContent = heading;
        item.append(link);
        return item;
      }),
    );
  }
  box.addEventListener("focus", answer, { once: true });
  box.addEventListener("input", answer);
  place.replaceChildren(label, box, said, list);
}
