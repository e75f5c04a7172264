// Builds what a browser needs to run Keras: `node bundle.mjs NODE_MODULES PYTHON TO`.
//
// lay      the packages, NumPy and our stand-ins, less what no program needs
// compile  them, by Pyodide's own Python
// boot     import Keras there, run two programs, and write Python's memory down
// emit     the memory, less what is there anyway, and all else that a browser fetches
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import zlib from "node:zlib";
import { start } from "../runtime/loader.js";
import { neededRuns, sweep } from "./memory.mjs";

const [modules, python, to] = process.argv.slice(2).map((one) => path.resolve(one));
const here = import.meta.dirname;
const pyodideFolder = path.join(modules, "pyodide/");
const work = fs.mkdtempSync(`${to}.work-`);
const laid = path.join(work, "laid");
const compiled = path.join(work, "compiled");
const PACKAGES = "/lib/python3.12/site-packages";
const env = { KERAS_BACKEND: "numpy", COLUMNS: "80", LINES: "24", PYTHONHASHSEED: "0", HOME: "/home/pyodide" };

// Where the engine has WebAssembly's garbage collection, Pyodide's table of functions is longer by
// one. The snapshot must not depend on that, so it is made as on an engine without.
Object.defineProperty(globalThis, "navigator", {
  value: { platform: "iPhone", userAgent: "" },
  configurable: true,
});
const { loadPyodide } = await import(path.join(pyodideFolder, "pyodide.mjs"));
createRequire(import.meta.url)(path.join(pyodideFolder, "pyodide.asm.js"));
const createModule = globalThis._createPyodideModule;

const bytes = (file) => new Uint8Array(fs.readFileSync(file));
const text = (file) => fs.readFileSync(file, "utf-8");

function filesIn(folder, below = "") {
  return fs.readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(below, entry.name);
    return entry.isDirectory() ? filesIn(folder, name) : [name];
  }).sort();
}

function putAll(py, folder) {
  for (const file of filesIn(folder)) {
    py.FS.mkdirTree(path.posix.dirname(`${PACKAGES}/${file}`));
    py.FS.writeFile(`${PACKAGES}/${file}`, bytes(path.join(folder, file)));
  }
}

async function compile() {
  const py = await loadPyodide({ indexURL: pyodideFolder });
  putAll(py, laid);
  py.FS.writeFile("/tmp/stdlib.zip", bytes(path.join(pyodideFolder, "python_stdlib.zip")));
  py.runPython(text(path.join(here, "compile.py")));
  py.runPython(`
compile_all("${PACKAGES}")
with open("/tmp/stdlib.zip", "rb") as file, open("/tmp/compiled.zip", "wb") as made:
    made.write(compile_zip(file.read(), "/lib/python312.zip"))`);
  fs.writeFileSync(path.join(work, "stdlib.zip"), py.FS.readFile("/tmp/compiled.zip"));
  for (const name of py.runPython(`names("${PACKAGES}")`).toJs()) {
    const file = path.join(compiled, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, py.FS.readFile(`${PACKAGES}/${name}`));
  }
}

async function boot() {
  const stdLibURL = path.join(work, "stdlib.zip");
  const py = await loadPyodide({ indexURL: pyodideFolder, stdLibURL, _makeSnapshot: true, env });
  putAll(py, compiled);
  const names = py.toPy({ __name__: "warm" });
  py.runPython(text(path.join(here, "warm.py")), { globals: names });
  const zips = py.runPython("lambda: (zipped(later, '/tmp/later.zip'), zipped(files(), '/tmp/packages.zip'))", {
    globals: names,
  });
  const M = py._module;
  const libraries = linked(M);
  for (const { handle } of libraries) {
    // dlopen keeps each library's file in memory; the browser reads it from elsewhere.
    const [data, size] = [M.HEAPU32[(handle + 28) >> 2], M.HEAPU32[(handle + 32) >> 2]];
    M.HEAPU8.fill(0, data, data + size);
    M._emscripten_builtin_free(data);
    M.HEAPU32[(handle + 28) >> 2] = M.HEAPU32[(handle + 32) >> 2] = 0;
  }
  sweep(M);
  const snapshot = py.makeMemorySnapshot();
  zips();
  for (const name of ["later.zip", "packages.zip"]) {
    fs.writeFileSync(path.join(work, name), py.FS.readFile(`/tmp/${name}`));
  }
  // Its header: magic, where memory begins, the length of the JSON, 0, the build.
  const header = new Uint32Array(snapshot.buffer, 0, 12);
  const memory = snapshot.subarray(header[1]);
  const references = JSON.parse(new TextDecoder().decode(snapshot.subarray(48, 48 + header[2])));
  const table = libraries[0].tableBase;
  return { memory, manifest: { size: memory.length, table, libraries, references, env, runs: [] } };
}

// Where dlopen put each compiled library: emscripten's `struct dso` holds it from byte 12 on.
function linked(M) {
  const handles = new Map(Object.entries(M.LDSO.loadedLibsByHandle).map(([handle, dso]) => [dso, +handle]));
  const libraries = Object.entries(M.LDSO.loadedLibsByName)
    .filter(([name]) => name !== "__main__")
    .map(([name, dso]) => {
      const handle = handles.get(dso);
      const [memoryBase, memorySize, tableBase, tableSize] = M.HEAPU32.subarray((handle + 12) >> 2);
      return { name, handle, memoryBase, memorySize, tableBase, tableSize, tableEnd: 0 };
    });
  libraries.forEach((one, n) => {
    one.tableEnd = libraries[n + 1]?.tableBase ?? M.wasmTable.length;
  });
  return libraries;
}

// What of the memory must be sent: starts Python from the snapshot, and looks what is there anyway.
async function emit({ memory, manifest }) {
  const libraryFiles = manifest.libraries.map(({ name }) => bytes(path.join(compiled, path.posix.relative(PACKAGES, name))));
  let runs = [];
  await start({
    createModule, loadPyodide, manifest, memory,
    wasm: new WebAssembly.Module(bytes(path.join(pyodideFolder, "pyodide.asm.wasm"))),
    libraries: libraryFiles.map((code) => new WebAssembly.Module(code)),
    options: { indexURL: pyodideFolder, env },
    linked: (M) => {
      runs = neededRuns(M, memory, manifest);
      manifest.runs = [[0, memory.length]];
    },
  });
  manifest.runs = runs;
  const payload = manifest.runs.map(([from, end]) => memory.subarray(from, end));
  libraryFiles.forEach((code, n) => { manifest.libraries[n].bytes = code.length; });
  const head = Buffer.from(JSON.stringify(manifest));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);

  const made = path.join(work, "made");
  fs.mkdirSync(made);
  pack(path.join(made, "keras.zst"), Buffer.concat([length, head, ...libraryFiles, ...payload]));
  pack(path.join(made, "pyodide.asm.wasm.zst"), bytes(path.join(pyodideFolder, "pyodide.asm.wasm")));
  for (const name of ["pyodide.mjs", "pyodide.asm.js"]) fs.cpSync(path.join(pyodideFolder, name), path.join(made, name));
  // The slow way to start lets Pyodide fetch it itself.
  fs.cpSync(path.join(pyodideFolder, "pyodide.asm.wasm"), path.join(made, "pyodide.asm.wasm"));
  const { info } = JSON.parse(text(path.join(pyodideFolder, "pyodide-lock.json")));
  fs.writeFileSync(path.join(made, "pyodide-lock.json"), JSON.stringify({ info, packages: {} }));
  fs.writeFileSync(path.join(made, "empty.zip"), Buffer.from("PK\x05\x06" + "\0".repeat(18), "latin1"));
  for (const name of ["stdlib.zip", "later.zip", "packages.zip"]) fs.cpSync(path.join(work, name), path.join(made, name));
  fs.cpSync(path.join(modules, "zstddec/dist/zstddec.mjs"), path.join(made, "zstddec.mjs"));
  for (const name of ["loader.js", "worker.js"]) fs.cpSync(path.join(here, "../runtime", name), path.join(made, name));
  const { build } = await import(path.join(modules, "esbuild/lib/main.js"));
  await build({
    entryPoints: [path.join(here, "../runtime/editor.js")],
    outfile: path.join(made, "editor.js"),
    nodePaths: [modules],
    bundle: true,
    minify: true,
    format: "esm",
  });
  return made;
}

function pack(file, content) {
  const { ZSTD_c_compressionLevel, ZSTD_c_windowLog } = zlib.constants;
  const params = { [ZSTD_c_compressionLevel]: 22, [ZSTD_c_windowLog]: 27 };
  fs.writeFileSync(file, zlib.zstdCompressSync(content, { params }));
}

try {
  execFileSync(python, [path.join(here, "lay.py"), modules, laid], { stdio: "inherit" });
  await compile();
  const made = await emit(await boot());
  fs.rmSync(to, { recursive: true, force: true });
  fs.renameSync(made, to);
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
