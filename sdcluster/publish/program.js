// A model of system dynamics, exported by sdcluster. Needs the .wasm file beside it and nothing else.
//
//   import { load } from "./model.js";
//   const model = await load();
//   const result = model.run({ "constant": 0.3 });   // result.time, result.values["variable"]
//
// load(source) takes the bytes of the .wasm file or its address; left out, it is fetched from beside this file.

const MODEL = "@MODEL@";
const FILE = "@FILE@";

"@RUNNER@";

const made = program(MODEL);

export const description = made.description;

export async function load(source = new URL(FILE, import.meta.url)) {
  const bytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source)
    ? source
    : await (await fetch(source)).arrayBuffer();
  return made.load(bytes);
}
