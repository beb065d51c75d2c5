// demo:guests/guest in JavaScript, for StarlingMonkey. It has no files.
const encoder = new TextEncoder();

// Like the others, in the order of the UTF-8 bytes.
const compare = (a, b) => {
  const x = encoder.encode(a), y = encoder.encode(b);
  for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
};

class Tally {
  constructor(start) { this.sum = start; }
  add(n) { return this.sum += n; }
}

export const guest = {
  Tally,
  greet: name => `Hello ${name} from JavaScript`,
  sort: items => items.filter(item => item.count > 0).sort((a, b) => compare(a.name, b.name)),
  parse(text) {
    if (!/^-?[0-9]+$/.test(text)) throw "not a number";
    return BigInt(text);
  },
  say(line) { console.log(line); },
  read() { throw "no files"; },
  plausible() {
    const start = performance.now();
    while (performance.now() - start < 2);
    return Date.now() > 1.7e12 && Math.random() !== Math.random();
  },
};
