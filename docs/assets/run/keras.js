// @ts-check
// The page's side of Keras: starts a Worker when a reader wants one, runs programs in it, stops it.

/** @typedef {{headers: (string | null)[], rows: string[]}} Table code in headers and first cells
 *  @typedef {{code: string, tables: Table[], picture?: boolean}} Job picture: of the shapes
 *  @typedef {{says: string, is: string[]}} Comment
 *  @typedef {{output: string, comments: Record<string, Comment>,
 *             cells: Record<string, (string | null)[]>, failures: Record<string, string>,
 *             raised_at: number | null, picture: string, took: number}} Result
 *  @typedef {{progress?: (loaded: number, total: number) => void, ready?: () => void,
 *             output?: (text: string) => void}} Listener what a waiting reader is told */

/** Raised where a program was stopped before its end. */
export class Stopped extends Error {}

/** @typedef {{worker: Worker, ready: Promise<void>, refuse: (reason: Error) => void}} Python */
/** @type {Python | undefined} */
let python;
/** @type {Python | undefined} what takes its place after Stop */
let spare;
/** @type {unknown} what a first Worker fetched and compiled: the next is ready sooner */
let parts = null;
/** @type {Set<(reason: Error) => void>} what tells each waiting reader that nothing comes */
const waiting = new Set();
const LONG = 1000; // milliseconds after which a program may be one that is stopped
let version = "";
let count = 0;
/** @type {Set<Listener>} */
const loading = new Set();
/** @type {Map<number, (data: any) => void>} */
const running = new Map();

/** @returns {string} of Keras, once it is ready */
export const kerasVersion = () => version;

/** Loads Keras, once. Rejects where that fails; the next call tries again.
 *  @type {() => Promise<void>} */
export function start() {
  python ??= spare ?? launch();
  if (spare === python) spare = undefined;
  return python.ready;
}

/** @type {() => Python} */
function launch() {
  const worker = new Worker(new URL("../playground/worker.js", import.meta.url), { type: "module" });
  /** @type {Python["refuse"]} */
  let refuse = () => {};
  const ready = new Promise((/** @type {(nothing: void) => void} */ resolve, reject) => {
    refuse = reject;
    worker.onmessage = ({ data }) => {
      if (data.total) for (const one of loading) one.progress?.(data.loaded, data.total);
      else if (data.parts) parts = data.parts;
      else if (data.ready) {
        version = data.ready;
        resolve();
      } else if (data.failed) end(made, new Error(data.failed));
      else running.get(data.id)?.(data);
    };
  });
  ready.catch(() => {}); // a spare one is waited for by nobody
  worker.onerror = (event) => end(made, new Error(event.message || "the Worker could not be started"));
  worker.postMessage({ parts });
  const made = { worker, ready, refuse };
  return made;
}

/** Runs a program. Rejects with Stopped where it was stopped.
 *  @type {(job: Job, on?: Listener) => Promise<Result>} */
export async function run(job, on = {}) {
  loading.add(on);
  try {
    await start();
  } finally {
    loading.delete(on);
  }
  on.ready?.();
  const id = count++;
  const timer = setTimeout(() => (spare ??= launch()), LONG);
  /** @type {(reason: Error) => void} */
  let abandon = () => {};
  try {
    return await new Promise((resolve, reject) => {
      abandon = reject;
      waiting.add(abandon);
      running.set(id, ({ output, result, error, took }) => {
        if (output !== undefined) on.output?.(output);
        else if (result) resolve({ ...result, took });
        else reject(new Error(error));
      });
      python?.worker.postMessage({ id, job });
    });
  } finally {
    clearTimeout(timer);
    if (spare) end(spare, new Stopped("not needed"));
    running.delete(id);
    waiting.delete(abandon);
  }
}

/** Ends the programs that run, and Python with it; another takes its place at once. */
export function stop() {
  if (python) end(python, new Stopped("stopped"));
  if (parts) start();
}

/** @type {(one: Python, reason: Error) => void} */
function end(one, reason) {
  one.worker.terminate();
  one.refuse(reason);
  if (one === spare) spare = undefined;
  if (one !== python) return;
  python = undefined;
  for (const reject of waiting) reject(reason);
  waiting.clear();
}
