import { greet, total } from "bench:guests/work@1.0.0";

export function run(times) {
  let out = "";
  for (let i = 0; i < times; i++) out = `${greet("Wörld")} ${total(new Uint32Array([i, 2, 4294967295]))}`;
  return out;
}
