// Prints the site's modules as one plain script: node bundle.mjs NODE_MODULES
//
// Reads what the modules fetch as JSON, {name: text}. What is in docs/assets/run/ needs a server,
// so it stays outside.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";

const HERE = import.meta.dirname;
const ASSETS = path.join(HERE, "../../docs/assets");
const { build } = await import(path.resolve(process.argv[2], "esbuild/lib/main.js"));

// A plain script has no import.meta.
const addresses = {
  name: "addresses",
  setup: (/** @type {any} */ { onLoad }) =>
    onLoad({ filter: /\.js$/ }, async (/** @type {{path: string}} */ file) => {
      const address = `new URL(${JSON.stringify(path.relative(ASSETS, file.path))}, offline.assets).href`;
      return { contents: (await readFile(file.path, "utf-8")).replaceAll("import.meta.url", address) };
    }),
};
const files = await text(process.stdin);
const { outputFiles } = await build({
  entryPoints: [path.join(HERE, "entry.js")],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  external: ["./run/*"],
  plugins: [addresses],
  banner: { js: `var offline = { assets: document.currentScript.src, files: ${files} };` },
});
process.stdout.write(outputFiles[0].text);
