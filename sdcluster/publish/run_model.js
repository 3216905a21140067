// Runs an exported model of system dynamics: given its description, whatever the model. Laboratories and exported
// modules share this file.

export function program(MODEL) {
  const description = Object.freeze({
    name: MODEL.name,
    timeUnit: MODEL.timeUnit,
    settings: MODEL.settings.map(({ name, elements, default: value, unit, minimum, maximum }) => ({
      name, elements, default: value, unit, minimum, maximum,
    })),
    variables: MODEL.variables.map(({ name, unit, kind }) => ({ name, unit, kind })),
  });
  // Where each setting lies: by its name, and by the name of each element.
  const places = new Map();
  for (const setting of MODEL.settings) {
    places.set(setting.name, [setting.place, setting.size]);
    setting.elements.forEach((element, i) => places.set(element, [setting.place + i, 1]));
  }
  const everything = keeping(MODEL.variables);
  const own = { times: MODEL.times, parameters: [], changes: [] };

  // Of what the kernel observes, the curves of these variables are kept, one behind the other.
  function keeping(variables) {
    const moves = ({ column }) => column !== null;
    return { variables, curves: variables.filter(moves), still: variables.filter((one) => !moves(one)) };
  }

  async function load(bytes) {
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
    // What one run leaves for the next: which list of curves lies in memory, and where, and curves of constants.
    const machine = { code, memory, listed: -1, saved: null, constants: new Map() };
    return { description, run: (settings = {}, plan = own, asked) => run(machine, settings, plan, asked) };
  }

  // A set of names asks for their curves alone: others are neither kept nor looked at for what is no number.
  function run(machine, settings, plan, asked) {
    const chosen = asked ? keeping(MODEL.variables.filter(({ name }) => asked.has(name))) : everything;
    let length = MODEL.longest;
    for (;;) {
      const found = once(machine, settings, plan, chosen, length);
      if (typeof found !== "number") return found;
      length = found; // a way longer than its buffer: once more with a longer one
    }
  }

  // A plan has the times of the run, parameters that differ, and what changes at which step on the way.
  function once(machine, settings, plan, chosen, length) {
    const { code, memory } = machine;
    const { curves, still } = chosen;
    const { steps, every, dt, origin, stride, parts, kept } = plan.times;
    const rows = Math.ceil(steps / every) + 1;
    const sizes = [
      MODEL.size + MODEL.cells * length, MODEL.width, 5 * MODEL.width, MODEL.rows * MODEL.columns, 2 * curves.length,
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
    if (machine.listed !== starts[4] || machine.saved !== chosen) {
      machine.listed = starts[4];
      machine.saved = chosen;
      const pairs = new BigInt64Array(memory.buffer, starts[4], sizes[4]);
      curves.forEach(({ column }, j) => pairs.set([BigInt(column), BigInt(j)], 2 * j));
    }
    p.fill(0);
    y.fill(0);
    MODEL.parameters.forEach((value, i) => { p[i] = value === null ? NaN : value; });
    for (const [place, value] of plan.parameters) p[place] = value;
    p[MODEL.length] = length;
    set(p, settings);
    const whole = (n) => BigInt(n);
    const vector = (i, size = sizes[i]) => [starts[i], whole(size)];
    code.sd_derive(...vector(0));
    code.sd_initial(...vector(0), ...vector(1));
    const phases = [];
    const begin = (row) => phases.push([row, still.map(({ place }) => (place === null ? NaN : p[place]))]);
    let first = 0;
    for (const change of [...plan.changes, { step: steps, parameters: [], states: [] }]) {
      const row = Math.ceil(first / every);
      begin(row);
      code["sd_" + MODEL.method](
        whole(first), whole(change.step), whole(every), dt, ...vector(1), ...vector(0), ...vector(2, MODEL.width),
        ...vector(3, MODEL.columns), ...vector(4), starts[5] + 8 * row, whole(sizes[5] - row), whole(rows),
      );
      for (const [place, value] of change.parameters) p[place] = value;
      if (plan.changes.includes(change)) code.sd_derive(...vector(0));
      for (const [place, value] of change.states) y[place] = value;
      first = change.step;
    }
    if (plan.changes.length && plan.changes.at(-1).step === steps) begin(rows - 1);
    const stop = (origin + steps * stride) / parts;
    if (MODEL.devices) code.sd_begin(stop, ...vector(1), ...vector(0));
    code.sd_observe(stop, ...vector(1), ...vector(0), ...vector(2, MODEL.width), ...vector(3, MODEL.columns));
    curves.forEach(({ column }, j) => { out[(j + 1) * rows - 1] = observed[column]; });
    if (p[MODEL.need] > p[MODEL.length]) return Math.ceil(p[MODEL.need]) + 2;
    const time = new Float64Array(kept ? kept.length : rows);
    for (let i = 0; i < time.length; i++) {
      time[i] = (origin + (kept ? kept[i] : Math.min(i * every, steps)) * stride) / parts;
    }
    return { time, values: collected(chosen.variables, out, rows, kept, phases, time, machine.constants) };
  }

  function collected(variables, out, rows, kept, phases, time, constants) {
    const chosen = (whole) => (kept ? Float64Array.from(kept, (step) => whole[step]) : whole);
    const values = Object.create(null);
    const saved = kept ? out : out.slice(); // the memory is used again by the next run
    const plain = !kept && isPlain(saved);
    let moving = 0;
    let fixed = 0;
    for (const { name, column, mayBeMissing } of variables) {
      if (column === null) {
        values[name] = steady(constants, name, phases, fixed, rows, chosen, time.length);
        fixed += 1;
        continue;
      }
      const curve = chosen(saved.subarray(moving * rows, (moving + 1) * rows));
      moving += 1;
      if (!plain && !isPlain(curve)) {
        const bad = mayBeMissing ? -1 : curve.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0) throw failure(name, curve[bad], time[bad]);
        curve.forEach((value, i) => { curve[i] = shown(value); });
      }
      values[name] = curve;
    }
    return values;
  }

  // The curve of a constant: that of the run before where the constant did not change.
  function steady(constants, name, phases, place, rows, chosen, length) {
    if (phases.length > 1) {
      const whole = new Float64Array(rows);
      for (const [row, numbers] of phases) whole.fill(shown(numbers[place]), row);
      return chosen(whole);
    }
    const value = shown(phases[0][1][place]);
    const before = constants.get(name);
    if (before?.length === length && Object.is(before[0], value)) return before;
    const curve = new Float64Array(length).fill(value);
    constants.set(name, curve);
    return curve;
  }

  function failure(variable, value, time) {
    const sentence = `"${variable}" becomes ${value} at time ${time}; a setting may be out of range`;
    return Object.assign(new Error(sentence), { variable, value, time });
  }

  // Whether all numbers are finite and none stands for a missing value.
  function isPlain(curve) {
    const missing = MODEL.missing;
    const end = curve.length & ~3;
    // Four sums, none of which waits for another: each is 0 unless a number is NaN or infinite.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < end; i += 4) {
      const e = curve[i];
      const f = curve[i + 1];
      const g = curve[i + 2];
      const h = curve[i + 3];
      a += e - e;
      b += f - f;
      c += g - g;
      d += h - h;
      if (e === missing || f === missing || g === missing || h === missing) return false;
    }
    for (let i = end; i < curve.length; i++) {
      a += curve[i] - curve[i];
      if (curve[i] === missing) return false;
    }
    return a + b + c + d === 0;
  }

  function shown(value) {
    return value === MODEL.missing ? NaN : value;
  }

  function set(p, settings) {
    for (const [name, value] of Object.entries(settings)) {
      const found = places.get(name);
      if (!found) throw new RangeError(`the model has no setting "${name}"; description.settings lists them`);
      const [place, size] = found;
      const numbers = typeof value === "number" ? Array(size).fill(value) : Array.from(value);
      if (numbers.length !== size || !numbers.every(Number.isFinite)) {
        throw new RangeError(`"${name}" takes ${size === 1 ? "a number" : `a number or ${size} numbers`}`);
      }
      p.set(numbers, place);
    }
  }

  return { description, load };
}
