// Times an exported model in V8: `node kernel_in_node.mjs MODULE.js FILE.wasm CONSTANT ROUNDS`; prints JSON.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [module, file, constant, rounds] = process.argv.slice(2);
const { load, description } = await import(pathToFileURL(module));
const model = await load(await readFile(file));
const usual = description.settings.find(({ name }) => name === constant).default[0];
const times = [];
let result;
for (let i = 0; i < Number(rounds); i++) {
  const begun = performance.now();
  result = model.run({ [constant]: usual * (i % 2 ? 1 : 1.01) });
  times.push(performance.now() - begun);
}
result = model.run();
const hash = createHash("sha256");
for (const curve of Object.values(result.values)) hash.update(new Uint8Array(curve.buffer, curve.byteOffset, curve.byteLength));
times.sort((a, b) => a - b);
console.log(JSON.stringify({ least: times[0], median: times[times.length >> 1], hash: hash.digest("hex") }));
