// Runs programs in the bundle's Keras: `node run.mjs BUNDLE < JOBS > RESULTS`, each a list in JSON.
// A page offers Run for what shows here what the page shows.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { json } from "node:stream/consumers";
import zlib from "node:zlib";
import { start } from "../runtime/loader.js";

const bundle = path.resolve(process.argv[2]);
const file = (name) => path.join(bundle, name);
const unpacked = (name) => new Uint8Array(zlib.zstdDecompressSync(fs.readFileSync(file(name))));

const { loadPyodide } = await import(file("pyodide.mjs"));
createRequire(import.meta.url)(file("pyodide.asm.js"));
const rest = unpacked("keras.zst");
let from = 4 + new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
const manifest = JSON.parse(new TextDecoder().decode(rest.subarray(4, from)));
const libraries = manifest.libraries.map(({ bytes }) => new WebAssembly.Module(rest.subarray(from, (from += bytes))));
const python = await start({
  createModule: globalThis._createPyodideModule,
  loadPyodide,
  manifest,
  wasm: new WebAssembly.Module(unpacked("pyodide.asm.wasm.zst")),
  libraries,
  memory: rest.subarray(from),
  options: { indexURL: bundle + path.sep, stdLibURL: file("empty.zip"), env: manifest.env },
});
globalThis.fetchLater = () => {
  python.FS.writeFile("/lib/python312.zip", new Uint8Array(fs.readFileSync(file("stdlib.zip"))));
  python.unpackArchive(fs.readFileSync(file("later.zip")), "zip", { extractDir: "/lib/python3.12/site-packages" });
};
const run = python.runPython("import runner; runner.run_job");
const jobs = await json(process.stdin);
const results = jobs.map((job) => JSON.parse(run(JSON.stringify(job))));
process.stdout.write(JSON.stringify(results));
