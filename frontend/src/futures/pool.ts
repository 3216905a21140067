// The workers of a model: the runs of a task are shared out, and their curves are put together again in order.
import code from "built-worker";
import { type Block, type Machine, rowsOf, type Task } from "./lanes";
import type { Ordered } from "./quantiles";

const MOST = 4; // workers; more gain little for some hundred runs

/** What a worker sends. */
export interface Answer {
  readonly block: Block;
  readonly ordered: Ordered | null;
}

/** The runs of one worker. */
export interface Part extends Answer {
  /** The first of them among all runs. */
  readonly from: number;
}

export class Pool {
  private readonly helpers: Helper[] = [];

  constructor(private readonly machine: Machine) {
    const count = Math.max(1, Math.min(MOST, navigator.hardwareConcurrency || 2));
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    for (let i = 0; i < count; i++) this.helpers.push(new Helper(address, machine));
  }

  end(): void {
    for (const helper of this.helpers) helper.end();
  }

  /** The runs as the workers send them. */
  run(task: Task): Promise<Part[]> {
    const width = task.places.length;
    const count = task.values.length / Math.max(1, width);
    const { lanes } = this.machine;
    const share = lanes * Math.ceil(count / lanes / this.helpers.length);
    const parts = this.helpers.flatMap((helper, i) => {
      const [from, to] = [Math.min(count, i * share), Math.min(count, (i + 1) * share)];
      if (to === from) return [];
      const values = task.values.slice(from * width, to * width);
      return [helper.run({ ...task, values }).then((answer): Part => ({ ...answer, from }))];
    });
    return Promise.all(parts);
  }
}

/** All runs together. */
export function joined(parts: readonly Part[], task: Task): Block {
  const rows = task.wanted.length * rowsOf(task);
  const count = parts.reduce((sum, { block }) => sum + block.failed.length, 0);
  const whole: Block = { curves: new Float64Array(rows * count), failed: new Uint8Array(count) };
  for (const { from, block } of parts) {
    const { curves, failed } = block;
    whole.failed.set(failed, from);
    const width = failed.length;
    for (let row = 0; row < rows; row++)
      whole.curves.set(curves.subarray(row * width, (row + 1) * width), row * count + from);
  }
  return whole;
}

/** A worker, and who waits for its answers, which come in the order of the tasks. */
class Helper {
  private readonly worker: Worker;
  private readonly waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];

  constructor(address: string, machine: Machine) {
    this.worker = new Worker(address);
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => this.waiting.shift()?.resolve(data);
    this.worker.onerror = ({ message }) => this.waiting.shift()?.reject(new Error(message));
    this.worker.postMessage({ machine });
  }

  run(task: Task): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage({ task }, [task.values.buffer]); // its own copy
    });
  }

  end(): void {
    this.worker.terminate();
  }
}
