// Runs a preview1 module in node:wasi:
//
//   node run.mjs MODULE FOLDER [ARG...]     FOLDER is /data to the module
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [file, folder, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args: ["app", ...args],
  env: process.env.TITLE ? { TITLE: process.env.TITLE } : {},
  preopens: { "/data": folder },
});
const module = await WebAssembly.compile(await readFile(file));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance);
