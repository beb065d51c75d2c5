export const work = {
  greet: name => `Hello ${name}`,
  total: numbers => numbers.reduce((sum, n) => sum + BigInt(n), 0n),
};
