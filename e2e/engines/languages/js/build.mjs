// node build.mjs OUT: makes a component of guest.js, with componentize-js in $MODULES. It leaves out HTTP, which preview1
// has not.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const { componentize } = await import(join(process.env.MODULES, "@bytecodealliance/componentize-js/src/componentize.js"));
const here = import.meta.dirname;
const { component } = await componentize({
  sourcePath: join(here, "guest.js"),
  witPath: join(here, "../wit"),
  worldName: "guests",
  disableFeatures: ["http", "fetch-event"],
});
await writeFile(process.argv[2], component);
