// A model of system dynamics, exported by sdcluster. Needs the .wasm file beside it and nothing else.
//
//   import { load } from "./model.js";
//   const model = await load();
//   const result = model.run({ "constant": 0.3 });   // result.time, result.values["variable"]
//
// load(source) takes the bytes of the .wasm file or its address; left out, it is fetched from beside this file.

const MODEL = "@MODEL@";
const FILE = "@FILE@";

export const description = Object.freeze({
  name: MODEL.name,
  timeUnit: MODEL.timeUnit,
  settings: MODEL.settings.map(({ name, elements, default: value, unit, minimum, maximum }) => ({
    name, elements, default: value, unit, minimum, maximum,
  })),
  variables: MODEL.variables.map(({ name, unit, kind }) => ({ name, unit, kind })),
});

// Where each setting lies: by its name, and by the name of each element.
const PLACES = new Map();
for (const setting of MODEL.settings) {
  PLACES.set(setting.name, [setting.place, setting.size]);
  setting.elements.forEach((element, i) => PLACES.set(element, [setting.place + i, 1]));
}

export async function load(source = new URL(FILE, import.meta.url)) {
  const bytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source)
    ? source
    : await (await fetch(source)).arrayBuffer();
  return start(await WebAssembly.compile(bytes));
}

function start(compiled) {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(MODEL.base / 65536) });
  const env = {
    __linear_memory: memory,
    __stack_pointer: new WebAssembly.Global({ value: "i32", mutable: true }, MODEL.base),
    __indirect_function_table: new WebAssembly.Table({ initial: 0, element: "anyfunc" }),
  };
  const code = new WebAssembly.Instance(compiled, { env }).exports;
  return { description, run: (settings = {}) => run(code, memory, settings) };
}

function run(code, memory, settings) {
  let length = MODEL.longest;
  for (;;) {
    const found = once(code, memory, settings, length);
    if (typeof found !== "number") return found;
    length = found; // a way longer than its buffer: once more with a longer one
  }
}

function once(code, memory, settings, length) {
  const { steps, every, dt, origin, stride, parts, kept } = MODEL.times;
  const rows = Math.ceil(steps / every) + 1;
  // Of what the kernel observes, the curves that are shown are kept, one behind the other.
  const curves = MODEL.variables.filter(({ column }) => column !== null);
  const sizes = [
    MODEL.size + MODEL.cells * length, MODEL.width, 5 * MODEL.width, MODEL.columns, 2 * curves.length,
    rows * curves.length,
  ];
  const starts = [];
  let end = MODEL.base;
  for (const size of sizes) {
    starts.push(end);
    end += 8 * size;
  }
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
  const [p, y, , observed, , out] = starts.map((at, i) => new Float64Array(memory.buffer, at, sizes[i]));
  const pairs = new BigInt64Array(memory.buffer, starts[4], sizes[4]);
  curves.forEach(({ column }, j) => pairs.set([BigInt(column), BigInt(j)], 2 * j));
  p.fill(0);
  y.fill(0);
  MODEL.parameters.forEach((value, i) => { p[i] = value === null ? NaN : value; });
  p[MODEL.length] = length;
  set(p, settings);
  const whole = (n) => BigInt(n);
  const vector = (i, size = sizes[i]) => [starts[i], whole(size)];
  code.sd_derive(...vector(0));
  code.sd_initial(...vector(0), ...vector(1));
  code["sd_" + MODEL.method](
    whole(0), whole(steps), whole(every), dt, ...vector(1), ...vector(0), ...vector(2, MODEL.width),
    ...vector(3), ...vector(4), ...vector(5), whole(rows),
  );
  const stop = (origin + steps * stride) / parts;
  if (MODEL.devices) code.sd_begin(stop, ...vector(1), ...vector(0));
  code.sd_observe(stop, ...vector(1), ...vector(0), ...vector(2, MODEL.width), ...vector(3));
  curves.forEach(({ column }, j) => { out[(j + 1) * rows - 1] = observed[column]; });
  if (p[MODEL.need] > p[MODEL.length]) return Math.ceil(p[MODEL.need]) + 2;
  const time = new Float64Array(kept ? kept.length : rows);
  for (let i = 0; i < time.length; i++) {
    time[i] = (origin + (kept ? kept[i] : Math.min(i * every, steps)) * stride) / parts;
  }
  const values = Object.create(null);
  const saved = kept ? out : out.slice(); // the memory is used again by the next run
  const still = new Float64Array((MODEL.variables.length - curves.length) * time.length);
  let at = 0;
  let next = 0;
  for (const { name, column, place, mayBeMissing } of MODEL.variables) {
    if (column === null) {
      const constant = still.subarray(next, (next += time.length));
      values[name] = constant.fill(shown(place === null ? NaN : p[place]));
      continue;
    }
    const whole = saved.subarray(at, (at += rows));
    const curve = kept ? Float64Array.from(kept, (step) => whole[step]) : whole;
    if (!isPlain(curve)) {
      const bad = mayBeMissing ? -1 : curve.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        throw new Error(`"${name}" becomes ${curve[bad]} at time ${time[bad]}; a setting may be out of range`);
      }
      curve.forEach((value, i) => { curve[i] = shown(value); });
    }
    values[name] = curve;
  }
  return { time, values };
}

// Whether all numbers are finite and none stands for a missing value.
function isPlain(curve) {
  const missing = MODEL.missing;
  let rest = 0;
  for (let i = 0; i < curve.length; i++) {
    const value = curve[i];
    rest += value - value;
    if (value === missing) return false;
  }
  return rest === 0;
}

function shown(value) {
  return value === MODEL.missing ? NaN : value;
}

function set(p, settings) {
  for (const [name, value] of Object.entries(settings)) {
    const found = PLACES.get(name);
    if (!found) throw new RangeError(`the model has no setting "${name}"; description.settings lists them`);
    const [place, size] = found;
    const numbers = typeof value === "number" ? Array(size).fill(value) : Array.from(value);
    if (numbers.length !== size || !numbers.every(Number.isFinite)) {
      throw new RangeError(`"${name}" takes ${size === 1 ? "a number" : `a number or ${size} numbers`}`);
    }
    p.set(numbers, place);
  }
}
