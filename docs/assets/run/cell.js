// @ts-check
// A block of Python as a program that a reader edits and runs, and what it shows.

import { make } from "../dom.js";
import { compare, counted, isRight } from "./compare.js";
import { Stopped, kerasVersion, run, stop } from "./keras.js";
import { codeOf, outputOf, tablesOf } from "./page.js";

/** @typedef {import("./keras.js").Result} Result
 *  @typedef {import("./compare.js").Report} Report
 *  @typedef {{line: number, text: string, kind: "same" | "other" | "error"}} Note
 *  @typedef {{dom: HTMLElement, code: () => string, replace: (text: string) => void,
 *             annotate: (notes: Note[]) => void, focus: () => void}} Editor */

/** Programs that took longer than this aren't run again by themselves when they are edited. */
const QUICK = 2000; // milliseconds
const PAUSE = 400; // milliseconds without a key before that
const SOON = 100; // milliseconds after which a reader is told what is awaited
const ROOT = new URL("../../", import.meta.url).href;
/** @type {(name: string) => Promise<any>} made by the build, so not there for the type checker */
const load = (name) => import(new URL(`../playground/${name}`, import.meta.url).href);

/** What Keras's NumPy backend can't do, in the words that it raises, and where it can be done. */
const LIMITS = [
  {
    said: /NotImplementedError: (fit|train_on_batch) not implemented|GradientTape/,
    means:
      "Training needs TensorFlow, JAX or PyTorch. In the browser Keras computes with NumPy, which " +
      "has no gradients. Copy the program and run it on your computer.",
  },
  {
    said: /requires? (the )?tensorflow|Layer \w+ requires TensorFlow|NumpyExportArchive/i,
    means: "This part of Keras needs TensorFlow. Copy the program and run it on your computer.",
  },
  {
    said: /unknown url type/,
    means: "The browser's Python has no network. Copy the program and run it on your computer.",
  },
];

export class Cell {
  /** @param {HTMLElement} block with the program in its `pre code`
   *  @param {{isFree?: boolean, onResult?: (result: Result) => void}} [how] `isFree`: the page
   *    says nothing of what it shows */
  constructor(block, { isFree = false, onResult = () => {} } = {}) {
    this.block = block;
    this.isFree = isFree;
    this.onResult = onResult;
    this.written = codeOf(block).replace(/\n$/, "");
    this.output = isFree ? "" : outputOf(block);
    this.own = isFree ? { tables: [], cells: [] } : tablesOf(block);
    this.isRunning = false;
    /** @type {Editor | undefined} */
    this.editor = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.quick = false;

    this.runButton = this.button("Run", () => this.run());
    this.stopButton = this.button("Stop", stop);
    this.resetButton = this.button("Reset", () => this.reset());
    this.status = make("p", { className: "run-status", role: "status" });
    this.progress = make("progress", { className: "run-progress", ariaLabel: "Loading Keras" });
    this.shown = make("pre", {
      className: "run-output",
      tabIndex: 0,
      role: "region",
      ariaLabel: "What the program showed",
    });
    this.more = make("div", { className: "run-more" });
    const bar = make("div", { className: "run-bar" }, this.runButton, this.stopButton, this.resetButton, this.status);
    this.panel = make("div", { className: "run-panel" }, bar, this.progress, this.shown, this.more);
    this.settle();
    block.after(this.panel);
  }

  /** @type {(text: string, act: () => void) => HTMLButtonElement} */
  button(text, act) {
    const made = make("button", { className: "run-action", type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  }

  /** Show what can be pressed now. */
  settle() {
    this.runButton.hidden = this.isRunning;
    this.stopButton.hidden = !this.isRunning;
    this.resetButton.hidden = this.code() === this.written;
    this.progress.hidden = true;
    this.shown.hidden = !this.shown.textContent;
  }

  code() {
    return this.editor?.code() ?? this.written;
  }

  /** Put the editor in the place of the block's code. */
  async edit() {
    const { createEditor } = await load("editor.js");
    const code = this.block.querySelector("pre");
    if (this.editor || !code) return;
    this.editor = createEditor({
      code: this.written,
      label: "Program. Control+Enter runs it.",
      onRun: () => this.run(),
      onChange: () => this.changed(),
    });
    code.hidden = true;
    code.after(/** @type {Editor} */ (this.editor).dom);
  }

  changed() {
    this.resetButton.hidden = this.code() === this.written;
    clearTimeout(this.timer);
    if (this.quick) this.timer = setTimeout(() => this.run({ again: true }), PAUSE);
  }

  reset() {
    this.open(this.written);
  }

  /** Put another program in the editor, and run it.
   *  @param {string} code */
  async open(code) {
    this.written = code;
    await this.edit();
    this.editor?.replace(code);
    this.run();
  }

  /** Run what stands in the editor. `again`: by itself, after a change.
   *  @param {{again?: boolean}} [how] */
  async run({ again = false } = {}) {
    clearTimeout(this.timer);
    if (this.isRunning) return;
    this.isRunning = true;
    const editing = this.edit();
    const code = this.code();
    let [doing, printed, isTold] = ["Loading Keras …", "", false];
    const tell = () => {
      isTold = true;
      this.say(doing);
      this.stream(printed);
      this.settle();
    };
    const soon = setTimeout(tell, SOON);
    try {
      const job = { code, tables: this.own.tables, picture: this.isFree };
      const result = await run(job, {
        progress: (loaded, total) => this.loading(loaded, total),
        ready: () => {
          doing = "Running …";
          if (isTold) tell();
        },
        output: (text) => {
          printed += text;
          if (isTold) this.stream(text);
        },
      });
      await editing;
      const isHalf = again && /^(Syntax|Indentation)Error/m.test(result.output); // still being typed
      if (isTold || !isHalf) this.show(code, result);
      this.quick = result.took < QUICK;
    } catch (error) {
      this.quick = false;
      tell();
      this.failed(error);
    } finally {
      clearTimeout(soon);
      this.isRunning = false;
      this.settle();
      if (this.code() !== code) this.changed();
    }
  }

  /** @type {(loaded: number, total: number) => void} */
  loading(loaded, total) {
    this.progress.hidden = false;
    this.progress.max = total;
    this.progress.value = loaded;
    const size = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
    this.status.textContent = `Loading Keras: ${size(loaded)} of ${size(total)} MB, once`;
  }

  /** @type {(text: string) => void} */
  say(text) {
    this.status.textContent = text;
    this.shown.replaceChildren();
    this.more.replaceChildren();
  }

  /** @type {(text: string) => void} */
  stream(text) {
    this.shown.hidden = false;
    this.shown.append(text);
  }

  /** @type {(error: unknown) => void} */
  failed(error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof Stopped) this.status.textContent = "Stopped. Run starts Python again.";
    else this.status.textContent = `Keras could not be run here: ${why}. Press Run to try again.`;
  }

  /** @type {(code: string, result: Result) => void} */
  show(code, result) {
    const report = compare(result, this.output, this.own.tables, this.own.cells);
    this.status.textContent = this.verdict(code, result, report);
    const differs = report.output.some((one) => one.differs);
    const repeats = !this.isFree && (report.isSame || (code === this.written && !differs));
    const shown = report.output.map(({ text, differs }) => line(text, differs && !this.isFree));
    this.shown.replaceChildren(...(repeats ? [] : shown));
    this.panel.classList.toggle("error", Boolean(result.raised_at));
    this.shown.classList.toggle("wrapped", !/━|____/.test(result.output)); // a summary is drawn
    this.more.replaceChildren(...this.rest(code, result, report));
    this.editor?.annotate(notes(result));
    this.onResult(result);
  }

  /** @type {(code: string, result: Result, report: Report) => string} */
  verdict(code, result, report) {
    const where = `Keras ${kerasVersion()} on NumPy, in your browser, ${Math.ceil(result.took)} ms`;
    if (this.isFree) return `${where}.${result.output ? "" : " No output."}`;
    const stated = this.output || report.cells.length || Object.keys(result.comments).length;
    if (!stated && !result.output) return `${where}. No output.`;
    if (report.isSame) return `${where}. Matches this page: ${this.stated(result, report)}.`;
    const what = report.differences.join(", ");
    return `${where}. Differs from this page: ${what}.${code === this.written ? " Please report it." : ""}`;
  }

  /** @type {(result: Result, report: Report) => string} */
  stated(result, report) {
    const comments = Object.keys(result.comments).length;
    return [
      this.output ? "the output" : "",
      comments ? counted(comments, "shape comment") : "",
      report.cells.length ? counted(report.cells.length, "table cell") : "",
    ].filter(Boolean).join(", ");
  }

  /** @type {(code: string, result: Result, report: Report) => HTMLElement[]} */
  rest(code, result, report) {
    const other = report.cells.filter((one) => !one.same);
    const parts = [];
    if (other.length) {
      const items = other.map(({ code, is, says }) => make("li", {}, `${code}: ${is}, on this page ${says}`));
      parts.push(make("ul", { className: "run-cells" }, ...items));
    }
    for (const { said, means } of LIMITS) {
      if (said.test(result.output)) parts.push(make("p", { className: "run-limit" }, means));
    }
    const links = make("p", { className: "run-links" });
    if (!this.isFree) {
      const href = `${ROOT}playground/#code=${encodeURIComponent(code)}`;
      links.append(make("a", { href }, "Open in the playground"));
    }
    if (result.raised_at && (this.isFree || code !== this.written)) links.prepend(this.explainer(result.output), " ");
    parts.push(links);
    return parts;
  }

  /** @type {(output: string) => HTMLElement} a button that becomes what is known of the error */
  explainer(output) {
    const asking = this.button("What does this error mean?", async () => {
      try {
        const { answersTo } = await import("../errors/box.js");
        const { status, items } = await answersTo(output);
        asking.replaceWith(make("span", {}, status), make("ol", { className: "run-answers" }, ...items));
      } catch {
        asking.textContent = "The answers could not be loaded. Try again";
      }
    });
    return asking;
  }
}

/** @type {(text: string, differs: boolean) => HTMLElement} */
function line(text, differs) {
  return make(differs ? "mark" : "span", { className: "run-line" }, `${text}\n`);
}

/** @type {(result: Result) => Note[]} */
function notes(result) {
  /** @type {Note[]} */
  const found = Object.entries(result.comments).map(([line, comment]) => ({
    line: Number(line),
    text: isRight(comment) ? "✓" : `→ ${comment.is.join(" and ") || "not reached"}`,
    kind: isRight(comment) ? "same" : "other",
  }));
  if (result.raised_at) found.push({ line: result.raised_at, text: "raised here", kind: "error" });
  return found;
}
