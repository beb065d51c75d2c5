// Runs a preview1 module in a page in headless Chromium, over its debugging protocol. Needs a Node with WebSocket.
//
//   node run.mjs CHROMIUM SHIM MODULE FOLDER [ARG...]     FOLDER is /data to the module; SHIM is browser_wasi_shim's dist
//
// SCREENSHOT names a .png file for a picture of the page.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { start } from "./browser.mjs";

const [chromium, shim, module, folder, ...args] = process.argv.slice(2);

// Files and folders as objects: a file is its content in base64.
const load = path => Object.fromEntries(readdirSync(path).map(name => {
  const entry = join(path, name);
  return [name, statSync(entry).isDirectory() ? load(entry) : readFileSync(entry, "base64")];
}));
const save = (path, tree) => {
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(path)) if (!(name in tree)) rmSync(join(path, name), { recursive: true });
  for (const [name, entry] of Object.entries(tree)) {
    if (typeof entry === "string") writeFileSync(join(path, name), entry, "base64");
    else save(join(path, name), entry);
  }
};

const task = JSON.stringify({
  args,
  env: process.env.TITLE ? [`TITLE=${process.env.TITLE}`] : [],
  stdin: readFileSync(0, "base64"),
  files: load(folder),
});

const server = createServer((request, response) => {
  const answer = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
  const script = /^\/shim\/([a-z_]+\.js)$/.exec(request.url);
  if (request.url === "/") answer("text/html", readFileSync(join(import.meta.dirname, "page.html")));
  else if (request.url === "/task") answer("application/json", task);
  else if (request.url === "/module.wasm") answer("application/wasm", readFileSync(module));
  else if (script) answer("text/javascript", readFileSync(join(shim, script[1])));
  else response.writeHead(404).end();
});
await new Promise(done => server.listen(0, "127.0.0.1", done));

const browser = await start(chromium);
let status = 1;
try {
  const { send, once } = browser;
  const load = once("Page.loadEventFired");
  await send("Page.enable");
  await send("Page.navigate", { url: `http://127.0.0.1:${server.address().port}/` });
  await load;
  const { result, exceptionDetails } = await send("Runtime.evaluate",
    { expression: "window.result", awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
  const value = result.value;
  if (process.env.SCREENSHOT) {
    writeFileSync(process.env.SCREENSHOT, (await send("Page.captureScreenshot")).data, "base64");
  }
  if (value.error) throw new Error(value.error);
  process.stdout.write(Buffer.from(value.stdout, "base64"));
  process.stderr.write(Buffer.from(value.stderr, "base64"));
  save(folder, value.files);
  status = value.status;
} finally {
  await browser.close();
  server.close();
}
process.exit(status);
