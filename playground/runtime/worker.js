// @ts-check
// A module Worker in which Keras runs, one program at a time.
//
// in:  {parts} first: what another Worker has made ready, or null; then {id, job}
// out: {loaded, total} while it loads; {parts} for the next Worker; {ready}, the version of Keras,
//      or {failed}; {id, output} while a program runs; {id, result, took} or {id, error}

import { start } from "./loader.js";

/** @typedef {{manifest: any, memory: Uint8Array, wasm: WebAssembly.Module,
 *             libraries: WebAssembly.Module[]}} Parts */

const FILES = ["keras.zst", "pyodide.asm.wasm.zst"];
const PACKAGES = "/lib/python3.12/site-packages";
/** @type {(name: string) => string} */
const at = (name) => new URL(name, import.meta.url).href;
/** @type {(file: string) => Promise<any>} made by the build, so not there for the type checker */
const load = (file) => import(at(file));

/** @returns {Promise<Parts>} */
async function fetchParts() {
  const counts = FILES.map(() => ({ loaded: 0, total: 0 }));
  const [keras, wasm] = FILES.map((name, n) =>
    unpacked(name, (loaded, total) => {
      counts[n] = { loaded, total };
      if (counts.every((one) => one.total)) {
        postMessage({ loaded: sum(counts, "loaded"), total: sum(counts, "total") });
      }
    }),
  );
  const python = wasm.then((code) => WebAssembly.compile(/** @type {BufferSource} */ (code)));
  // The length of the manifest, the manifest, the libraries, the memory.
  const rest = await keras;
  const end = 4 + new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
  const manifest = JSON.parse(new TextDecoder().decode(rest.subarray(4, end)));
  let from = end;
  const libraries = manifest.libraries.map((/** @type {{bytes: number}} */ { bytes }) =>
    WebAssembly.compile(/** @type {BufferSource} */ (rest.subarray(from, (from += bytes)))),
  );
  return { manifest, memory: rest.slice(from), wasm: await python, libraries: await Promise.all(libraries) };
}

/** @type {(counts: {loaded: number, total: number}[], of: "loaded" | "total") => number} */
const sum = (counts, of) => counts.reduce((all, one) => all + one[of], 0);

/** @type {(() => void)[]} what is done when the first program has most likely shown its result */
const later = [];
const QUIET = 2000; // milliseconds after Keras is ready
/** @type {Promise<any> | undefined} */
let decoder;

/** A packed file's content, which the browser keeps unpacked for the next visit.
 *  @type {(name: string, on: (loaded: number, total: number) => void) => Promise<Uint8Array>} */
async function unpacked(name, on) {
  const [response, cache] = await Promise.all([request(name), globalThis.caches?.open("keras").catch(() => null)]);
  const version = response.headers.get("ETag") ?? response.headers.get("Last-Modified");
  const key = at(`${name}?${version}`);
  const kept = version && (await cache?.match(key));
  if (kept) {
    response.body?.cancel();
    return new Uint8Array(await kept.arrayBuffer());
  }
  decoder ??= load("zstddec.mjs").then(async ({ ZSTDDecoder }) => {
    const made = new ZSTDDecoder();
    await made.init();
    return made;
  });
  const packed = await content(response, on);
  const bytes = (await decoder).decode(packed);
  if (version && cache) later.push(() => replace(cache, at(name), key, bytes));
  return bytes;
}

/** Keeps what is new in the place of what is old.
 *  @type {(cache: Cache, name: string, key: string, bytes: Uint8Array) => Promise<void>} */
async function replace(cache, name, key, bytes) {
  try {
    await cache.delete(name, { ignoreSearch: true });
    await cache.put(key, new Response(/** @type {BodyInit} */ (bytes)));
  } catch {
    // The browser has no room for it: the next visit unpacks it again.
  }
}

/** @type {(name: string) => Promise<Response>} */
async function request(name) {
  const response = await fetch(at(name));
  if (!response.ok || !response.body) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response;
}

/** @type {(response: any, on?: (loaded: number, total: number) => void) => Promise<Uint8Array>} */
async function content(response, on) {
  const total = Number(response.headers.get("Content-Length"));
  const parts = [];
  let loaded = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    on?.((loaded += value.length), total);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** @type {(parts: Parts | null) => Promise<any>} */
async function boot(parts) {
  const globals = /** @type {any} */ (globalThis);
  globals.WasmOffsetConverter = null; // declared, so that pyodide.mjs doesn't fetch the WebAssembly
  const scripts = Promise.all([load("pyodide.mjs"), load("pyodide.asm.js")]);
  const ready = parts ?? (await fetchParts());
  if (!parts) postMessage({ parts: ready });
  const [{ loadPyodide }] = await scripts;
  const options = { indexURL: at("./"), stdLibURL: at("empty.zip"), env: ready.manifest.env };
  const createModule = globals._createPyodideModule;
  try {
    return await start({ createModule, loadPyodide, ...ready, options });
  } catch (error) {
    console.warn("Keras is imported anew, since the snapshot could not be restored:", error);
    globals._createPyodideModule = createModule;
    return slowly(loadPyodide, options.env);
  }
}

/** @type {(loadPyodide: (options: object) => Promise<any>, env: object) => Promise<any>} */
async function slowly(loadPyodide, env) {
  delete (/** @type {any} */ (globalThis).WasmOffsetConverter);
  const [python, packages] = await Promise.all([
    loadPyodide({ indexURL: at("./"), stdLibURL: at("stdlib.zip"), env }),
    request("packages.zip").then(content),
  ]);
  python.unpackArchive(packages, "zip", { extractDir: PACKAGES });
  python.runPython("import browser, keras, runner\nrunner.redirect_loggers()");
  return python;
}

/** @type {(python: any) => void} called by Python, which waits: so by a request that waits too */
function fetchLater(python) {
  for (const [name, path] of [["stdlib.zip", "/lib/python312.zip"], ["later.zip", "/later.zip"]]) {
    const request = new XMLHttpRequest();
    request.open("GET", at(name), false);
    request.responseType = "arraybuffer";
    request.send();
    if (request.status >= 400) throw new Error(`${name}: ${request.status} ${request.statusText}`);
    python.FS.writeFile(path, new Uint8Array(request.response));
  }
  python.runPython(`import zipfile; zipfile.ZipFile("/later.zip").extractall("${PACKAGES}")`);
}

/** @typedef {(job: string, report: (text: string) => void) => string} Run */
/** @type {Promise<{run: Run, version: string}>} */
let keras;

/** @type {(parts: Parts | null) => Promise<{run: Run, version: string}>} */
async function ready(parts) {
  const python = await boot(parts);
  /** @type {any} */ (globalThis).fetchLater = () => fetchLater(python);
  const [run, version] = python.runPython("import keras, runner; runner.run_job, keras.__version__");
  return { run, version };
}

addEventListener("message", async ({ data: { parts, id, job } }) => {
  if (id === undefined) {
    keras = ready(parts);
    keras.then(
      ({ version }) => {
        postMessage({ ready: version });
        setTimeout(() => later.splice(0).forEach((one) => one()), QUIET);
      },
      (error) => postMessage({ failed: message(error) }),
    );
    return;
  }
  try {
    const { run } = await keras;
    const began = performance.now();
    const result = JSON.parse(run(JSON.stringify(job), (output) => postMessage({ id, output })));
    postMessage({ id, result, took: performance.now() - began });
  } catch (error) {
    postMessage({ id, error: message(error) });
  }
});

/** @type {(error: unknown) => string} */
const message = (error) => (error instanceof Error ? error.message : String(error));
