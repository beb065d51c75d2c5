// run.mjs JCO FILE FOLDER CALLS: transpiles a component as jco does by default, into the folder, and writes what calls of
// its functions return, one line each. CALLS are names with arguments as JSON: functions that it does not export are left
// out, and so are arguments that a function does not have.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// jco has read its own arguments, so the component runs in another process.
async function transpileTo(folder, jco, file) {
  const { transpile } = await import(pathToFileURL(jco).href);
  const { files } = await transpile(await readFile(file), { name: 'component' });
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  // WASI is where jco is.
  await symlink(resolve(dirname(jco), '../../../../node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await copyFile(fileURLToPath(import.meta.url), join(folder, 'run.mjs'));
}

async function call(calls) {
  process.argv = [process.argv[0], 'component', 'one', 'zwö'];
  const component = await import('./component.js');
  for (const [name, ...args] of JSON.parse(calls)) {
    const f = name.split('.').reduce((at, key) => at?.[key], component);
    if (typeof f !== 'function') continue;
    let line;
    try {
      const value = await f(...args.slice(0, f.length));
      line = JSON.stringify(value, (_, v) => typeof v === 'bigint' ? `${v}n` : v);
    } catch (err) {
      line = err instanceof WebAssembly.RuntimeError ? 'trap' : `throws ${err}`;
    }
    process.stdout.write(`${name}: ${line}\n`);
  }
}

const [a, file, folder, calls] = process.argv.slice(2);
if (file) {
  await transpileTo(folder, a, file);
  execFileSync(process.execPath, [join(folder, 'run.mjs'), calls], { stdio: 'inherit' });
} else {
  await call(a);
}
