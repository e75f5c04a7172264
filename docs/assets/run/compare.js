// @ts-check
// What a program showed in the browser, against what its page says.

/** @typedef {import("./keras.js").Result} Result
 *  @typedef {import("./keras.js").Table} Table
 *  @typedef {{text: string, differs: boolean}} Line
 *  @typedef {{code: string, says: string, is: string, same: boolean}} Cell
 *  @typedef {{output: Line[], isSame: boolean, differences: string[], cells: Cell[]}} Report */

/** A line of a page that ends so stands for more, as in the proof. */
const OPEN = "…";

/** @type {(result: Result, page: string, tables: Table[], cells: string[][]) => Report}
 *  `page` is the output that the page shows; `cells` are those of its tables, row by row */
export function compare(result, page, tables, cells) {
  const output = compareLines(lines(page), lines(result.output));
  const sameOutput = lines(page).length === output.length && !output.some((one) => one.differs);
  const comments = Object.values(result.comments);
  const right = comments.filter(isRight).length;
  const compared = compareCells(result, tables, cells);
  const rightCells = compared.filter((one) => one.same).length;
  const differences = [];
  if (!sameOutput) differences.push("the output");
  if (right < comments.length) differences.push(counted(comments.length - right, "shape comment"));
  if (rightCells < compared.length) differences.push(counted(compared.length - rightCells, "table cell"));
  return { output, isSame: !differences.length, differences, cells: compared };
}

/** @type {(comment: {says: string, is: string[]}) => boolean} */
export const isRight = ({ says, is }) => is.length === 1 && is[0] === says;

/** @type {(count: number, name: string) => string} */
export const counted = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

/** @type {(text: string) => string[]} */
const lines = (text) => (text ? text.replace(/\n$/, "").split("\n").map((one) => one.trimEnd()) : []);

/** Marks the lines that aren't, in the same order, among those of the page.
 *  @type {(page: string[], really: string[]) => Line[]} */
function compareLines(page, really) {
  // The longest common subsequence; a page has some hundred lines at most.
  const lengths = Array.from({ length: page.length + 1 }, () => new Array(really.length + 1).fill(0));
  for (let i = page.length - 1; i >= 0; i--) {
    for (let j = really.length - 1; j >= 0; j--) {
      lengths[i][j] = agrees(page[i], really[j])
        ? lengths[i + 1][j + 1] + 1
        : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  let i = 0;
  return really.map((text, j) => {
    while (i < page.length && !agrees(page[i], text) && lengths[i + 1][j] >= lengths[i][j + 1]) i++;
    const same = i < page.length && agrees(page[i], text);
    if (same) i++;
    return { text, differs: !same };
  });
}

/** @type {(page: string, really: string) => boolean} */
function agrees(page, really) {
  return page === really || (page.endsWith(OPEN) && really.startsWith(page.slice(0, -1)));
}

/** @type {(result: Result, tables: Table[], cells: string[][]) => Cell[]} */
function compareCells(result, tables, cells) {
  const squeezed = (/** @type {string} */ text) => text.split(/\s+/).join(" ").trim();
  let row = -1;
  return tables.flatMap(({ headers, rows }) =>
    rows.flatMap((code) => {
      row++;
      const failed = result.failures[row];
      return headers.slice(1).flatMap((header, n) => {
        if (header === null) return [];
        const says = squeezed(cells[row]?.[n + 1] ?? "");
        const is = failed ?? squeezed(result.cells[row]?.[n + 1] ?? "");
        return [{ code: `${header}, ${headers[0]} = ${code}`, says, is, same: says === is }];
      });
    }),
  );
}
