// Many runs side by side: the kernel for several lanes in WebAssembly. Only what is asked for is kept.
//
// `run_model.js` drives one run with all its names; here a run is a column of numbers, and the loop is that of a block.

/** What never changes between the runs of a model. */
export interface Machine {
  readonly module: WebAssembly.Module;
  readonly lanes: number;
  /** Bytes of the memory that its tables and its stack take. */
  readonly base: number;
  readonly method: string;
  readonly size: number;
  readonly cells: number;
  readonly longest: number;
  readonly width: number;
  readonly columns: number;
  /** How many rows of what it observes it writes together. */
  readonly rows: number;
  /** Places of the length of a buffer, and of the one that was needed. */
  readonly length: number;
  readonly need: number;
  readonly devices: boolean;
  readonly missing: number;
  /** What the kernel observes that must be a number. */
  readonly checked: readonly number[];
}

type Numbers = readonly (readonly [number, number])[];

export interface Task {
  readonly times: {
    readonly steps: number;
    readonly dt: number;
    readonly origin: number;
    readonly stride: number;
    readonly parts: number;
  };
  /** A value is kept at every so many steps, and at the end. */
  readonly every: number;
  readonly changes: readonly {
    readonly step: number;
    readonly parameters: Numbers;
    readonly states: Numbers;
  }[];
  /** The constants of all runs. */
  readonly parameters: Float64Array;
  /** Places of the constants that vary, and their values: those of the first run, then of the next. */
  readonly places: readonly number[];
  readonly values: Float64Array;
  /** Columns of what the kernel observes. */
  readonly wanted: readonly number[];
  /** Whether the runs are also put in order, for quantiles. */
  readonly inOrder?: boolean;
}

export interface Block {
  /** For each wanted column and each kept time the values of all runs. */
  readonly curves: Float64Array<ArrayBuffer>;
  readonly failed: Uint8Array<ArrayBuffer>;
}

export function rowsOf({ times, every }: Pick<Task, "times" | "every">): number {
  return Math.ceil(times.steps / every) + 1;
}

export class Lanes {
  private readonly memory: WebAssembly.Memory;
  private readonly code: Record<string, (...given: (number | bigint)[]) => void>;

  private readonly checked: ReadonlySet<number>;

  constructor(private readonly machine: Machine) {
    this.checked = new Set(machine.checked);
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(machine.base / 65536) });
    const env = {
      __linear_memory: this.memory,
      __stack_pointer: new WebAssembly.Global({ value: "i32", mutable: true }, machine.base),
      __indirect_function_table: new WebAssembly.Table({ initial: 0, element: "anyfunc" }),
    };
    this.code = new WebAssembly.Instance(machine.module, { env }).exports as typeof this.code;
  }

  run(task: Task): Block {
    const { lanes } = this.machine;
    const count = task.places.length ? task.values.length / task.places.length : 1;
    const rows = rowsOf(task);
    const block: Block = {
      curves: new Float64Array(task.wanted.length * rows * count),
      failed: new Uint8Array(count),
    };
    let length = this.machine.longest;
    for (let first = 0; first < count; ) {
      const needed = this.block(task, first, count, length, block);
      if (needed) length = needed;
      else first += lanes;
    }
    return block;
  }

  /** Run a block; where a buffer was too short, return the length that it needs. */
  private block(task: Task, first: number, count: number, length: number, into: Block): number {
    const { machine, code } = this;
    const { lanes, columns } = machine;
    const { times, every, wanted, places, values } = task;
    const rows = rowsOf(task);
    const places0 = machine.size + machine.cells * length;
    const sizes = [
      places0,
      machine.width,
      5 * machine.width,
      machine.rows * columns,
      2 * wanted.length,
      rows * wanted.length,
    ];
    const starts: number[] = [];
    let end = machine.base;
    sizes.forEach((size, i) => {
      starts.push(end);
      end += 8 * size * (i === 4 ? 1 : lanes) + 15;
      end -= end % 16;
    });
    const lacking = end - this.memory.buffer.byteLength;
    if (lacking > 0) this.memory.grow(Math.ceil(lacking / 65536));
    const part = (i: number) => new Float64Array(this.memory.buffer, starts[i], (sizes[i] as number) * lanes);
    const [p, y, observed, out] = [part(0), part(1), part(3), part(5)];
    const pairs = new BigInt64Array(this.memory.buffer, starts[4], sizes[4]);
    wanted.forEach((column, j) => {
      pairs.set([BigInt(column), BigInt(j)], 2 * j);
    });
    p.fill(0);
    y.fill(0);
    const put = (into: Float64Array, place: number, value: number) => {
      into.fill(value, place * lanes, (place + 1) * lanes);
    };
    task.parameters.forEach((value, place) => {
      put(p, place, value);
    });
    put(p, machine.length, length);
    // Lanes that are left over repeat the last run.
    const runs = Array.from({ length: lanes }, (_, lane) => Math.min(first + lane, count - 1));
    places.forEach((place, k) => {
      runs.forEach((run, lane) => {
        p[place * lanes + lane] = values[run * places.length + k] as number;
      });
    });
    const whole = (n: number) => BigInt(n);
    const vector = (i: number, size = sizes[i] as number) => [starts[i] as number, whole(size)];
    code.sd_derive?.(...vector(0));
    code.sd_initial?.(...vector(0), ...vector(1));
    let begin = 0;
    for (const change of [...task.changes, null]) {
      const row = Math.ceil(begin / every);
      const stop = change?.step ?? times.steps;
      code[`sd_${machine.method}`]?.(
        ...[whole(begin), whole(stop), whole(every), times.dt, ...vector(1), ...vector(0)],
        ...[...vector(2, machine.width), ...vector(3, columns), ...vector(4)],
        ...[(starts[5] as number) + 8 * lanes * row, whole((sizes[5] as number) - row), whole(rows)],
      );
      if (!change) break;
      for (const [place, value] of change.parameters) put(p, place, value);
      code.sd_derive?.(...vector(0));
      for (const [place, value] of change.states) put(y, place, value);
      begin = change.step;
    }
    const last = (times.origin + times.steps * times.stride) / times.parts;
    if (machine.devices) code.sd_begin?.(last, ...vector(1), ...vector(0));
    code.sd_observe?.(last, ...vector(1), ...vector(0), ...vector(2, machine.width), ...vector(3, columns));
    const needed = Math.max(...p.subarray(machine.need * lanes, (machine.need + 1) * lanes));
    if (needed > length) return Math.ceil(needed) + 2;
    wanted.forEach((column, j) => {
      out.set(observed.subarray(column * lanes, (column + 1) * lanes), ((j + 1) * rows - 1) * lanes);
    });
    this.take(out, observed, wanted, rows, first, count, into);
    return 0;
  }

  private take(
    out: Float64Array,
    observed: Float64Array,
    wanted: readonly number[],
    rows: number,
    first: number,
    count: number,
    { curves, failed }: Block,
  ): void {
    const { lanes, missing, checked } = this.machine;
    const used = Math.min(lanes, count - first);
    for (const column of checked) {
      for (let lane = 0; lane < used; lane++)
        if (!Number.isFinite(observed[column * lanes + lane])) failed[first + lane] = 1;
    }
    for (let j = 0; j < wanted.length; j++) {
      const must = this.checked.has(wanted[j] as number);
      for (let row = 0; row < rows; row++) {
        const from = (j * rows + row) * lanes;
        const to = (j * rows + row) * count + first;
        for (let lane = 0; lane < used; lane++) {
          const value = out[from + lane] as number;
          if (must && !Number.isFinite(value)) failed[first + lane] = 1;
          curves[to + lane] = value === missing ? Number.NaN : value;
        }
      }
    }
  }
}
