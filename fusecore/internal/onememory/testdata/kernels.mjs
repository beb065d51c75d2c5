// Prints the ratios of the CPU time of kernels in two modules, run alternately: node kernels.mjs ROUNDS A.wasm B.wasm NAME N...
import { readFileSync } from 'node:fs';

const [rounds, a, b, ...kernels] = process.argv.slice(2);
const load = (file) => new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { host: { call: () => 0 } }).exports;
const sides = [load(a), load(b)];
const time = (side, name, n) => {
  const start = process.cpuUsage();
  side[name](n);
  const { user, system } = process.cpuUsage(start);
  return user + system;
};
const ratios = [];
for (let i = 0; i < kernels.length; i += 2) {
  const [name, n] = [kernels[i], Number(kernels[i + 1])];
  for (const side of sides) time(side, name, n);
  const all = [];
  for (let r = 0; r < Number(rounds); r++) {
    const base = time(sides[0], name, n);
    all.push(time(sides[1], name, n) / base);
  }
  ratios.push(all.sort((x, y) => x - y)[all.length >> 1]);
}
console.log(JSON.stringify(ratios));
