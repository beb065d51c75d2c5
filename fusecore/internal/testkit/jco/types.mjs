// types.mjs JCO FILE...: writes, one line of JSON a file, the type declarations that jco's default transpile gives, by
// name, or what it says instead. Engines' support for several memories does not matter here, so it is taken for granted.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [jco, ...files] = process.argv.slice(2);
const { transpile } = await import(pathToFileURL(jco).href);
for (const file of files) {
  let out;
  try {
    const { files } = await transpile(await readFile(file), { name: 'component', multiMemory: true });
    out = { types: {} };
    for (const [name, bytes] of Object.entries(files)) {
      if (name.endsWith('.d.ts')) out.types[name] = new TextDecoder().decode(bytes);
    }
  } catch (err) {
    out = { error: String(err?.stack ?? err) };
  }
  process.stdout.write(JSON.stringify(out) + '\n');
  if (out.error) break; // jco is a component itself, and a trap is its end
}
