// Runs the command in Node, with hello_js.mjs and hello_js.wasm beside this file.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

import { url } from "./hello_js.mjs";

const wasi = new WASI({ version: "preview1", args: ["hello"] });
const module = await WebAssembly.compile(await readFile(url));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
