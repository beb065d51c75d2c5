// Makes a component of a JavaScript module: node componentize.mjs SITE OUT WORLD MAIN FEATURES [--wit PLACE=FILE]... [--src PLACE=FILE]...
//
// SITE has node_modules with componentize-js; FEATURES are those that the component does not have, separated by commas.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const [site, out, worldName, main, features, ...files] = process.argv.slice(2);
const { componentize } = await import(join(site, "node_modules/@bytecodealliance/componentize-js/src/componentize.js"));
const top = await mkdtemp(join(tmpdir(), "componentize-"));
try {
  for (let i = 0; i < files.length; i += 2) {
    const at = files[i + 1].indexOf("=");
    const target = join(top, files[i].slice(2), files[i + 1].slice(0, at));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(files[i + 1].slice(at + 1), target);
  }
  const { component } = await componentize({
    sourcePath: join(top, "src", main),
    witPath: join(top, "wit"),
    worldName,
    disableFeatures: features ? features.split(",") : [],
    // The engine that initialises the interpreter caches its machine code in the home folder, and an action may not write to
    // the user's.
    env: { HOME: top },
  });
  await writeFile(out, component);
} finally {
  await rm(top, { recursive: true });
}
