// node build.mjs OUT SOURCE WIT WORLD: makes a component of a JavaScript module, with componentize-js in $MODULES. It leaves out
// HTTP, which preview1 has not.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const { componentize } = await import(join(process.env.MODULES, "@bytecodealliance/componentize-js/src/componentize.js"));
const [out, sourcePath, witPath, worldName] = process.argv.slice(2);
const { component } = await componentize({
  sourcePath,
  witPath,
  worldName,
  disableFeatures: ["http", "fetch-event"],
});
await writeFile(out, component);
