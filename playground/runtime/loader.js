// @ts-check
// Starts Python where a snapshot of its memory was taken: Keras is imported there already.
//
// Pyodide's own files are used as they are. Its loading of snapshots knows nothing of compiled
// libraries, so these are linked here, each at the address that it had; then the memory is written.
// The names that this needs are private to Pyodide 0.27.8: the build fails where one is missing.

/** @typedef {{name: string, handle: number, memoryBase: number, memorySize: number,
 *             tableBase: number, tableSize: number, tableEnd: number, bytes: number}} Library */
/** @typedef {{size: number, table: number, libraries: Library[], references: unknown,
 *             env: Record<string, string>, runs: [number, number][]}} Manifest */

/**
 * @param {object} from
 * @param {(settings: any) => Promise<any>} from.createModule Pyodide's, from pyodide.asm.js
 * @param {(options: object) => Promise<any>} from.loadPyodide
 * @param {Manifest} from.manifest what the build noted of the snapshot
 * @param {WebAssembly.Module} from.wasm Python itself
 * @param {WebAssembly.Module[]} from.libraries
 * @param {Uint8Array} from.memory the bytes of the manifest's runs, one after the other
 * @param {object} from.options for loadPyodide
 * @param {(M: any) => void} [from.linked] called before the memory is written
 * @returns {Promise<any>} Pyodide
 */
export async function start({ createModule, loadPyodide, manifest, wasm, libraries, memory, options, linked }) {
  const globals = /** @type {any} */ (globalThis);
  globals._createPyodideModule = async (/** @type {any} */ settings) => {
    settings.INITIAL_MEMORY = manifest.size;
    settings.instantiateWasm = (/** @type {WebAssembly.Imports} */ imports, /** @type {Function} */ done) => {
      WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm));
      return {};
    };
    const M = await createModule(settings);
    settings.API.restoreSnapshot = () => {
      // Pyodide adds a function where the engine has WebAssembly's garbage collection.
      const table = M.wasmTable.length - (M._PyEM_CountArgsPtr ? 1 : 0);
      if (table !== manifest.table) throw new Error("Pyodide's functions have other numbers than in the snapshot");
      link(M, manifest.libraries, libraries);
      linked?.(M);
      let at = 0;
      for (const [from, to] of manifest.runs) M.HEAPU8.set(memory.subarray(at, (at += to - from)), from);
      return manifest.references;
    };
    return M;
  };
  return loadPyodide({ ...options, _loadSnapshot: new Uint8Array(1) });
}

/** @type {(M: any, libraries: Library[], modules: WebAssembly.Module[]) => void} */
function link(M, libraries, modules) {
  libraries.forEach(({ name, handle, memoryBase, memorySize, tableBase, tableSize, tableEnd }, n) => {
    M.HEAP8[handle + 8] = 1; // what dlopen notes of a library: that it is there, and where
    M.HEAPU32.set([memoryBase, memorySize, tableBase, tableSize], (handle + 12) >> 2);
    const library = M.newDSO(name, handle, "loading");
    library.global = false;
    library.exports = M.loadWebAssemblyModule(modules[n], { nodelete: true }, name, {}, handle);
    if (M.wasmTable.length !== tableEnd) throw new Error(`${name} was linked elsewhere in the snapshot`);
  });
}
