// The workers of a model: the runs of a task are shared out, and their curves are put together again in order.
import code from "built-worker";
import { type Block, type Machine, rowsOf, type Task } from "./lanes";

const MOST = 4; // workers; more gain little for some hundred runs

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

  async run(task: Task): Promise<Block> {
    const width = task.places.length;
    const count = task.values.length / Math.max(1, width);
    const { lanes } = this.machine;
    const share = lanes * Math.ceil(count / lanes / this.helpers.length);
    const parts = this.helpers.flatMap((helper, i) => {
      const [from, to] = [Math.min(count, i * share), Math.min(count, (i + 1) * share)];
      if (to === from) return [];
      return [
        { from, to, block: helper.run({ ...task, values: task.values.slice(from * width, to * width) }) },
      ];
    });
    const rows = task.wanted.length * rowsOf(task);
    const whole: Block = { curves: new Float64Array(rows * count), failed: new Uint8Array(count) };
    for (const { from, to, block } of parts) {
      const { curves, failed } = await block;
      whole.failed.set(failed, from);
      const width = to - from;
      for (let row = 0; row < rows; row++)
        whole.curves.set(curves.subarray(row * width, (row + 1) * width), row * count + from);
    }
    return whole;
  }
}

/** A worker, and who waits for its answers, which come in the order of the tasks. */
class Helper {
  private readonly worker: Worker;
  private readonly waiting: { resolve: (block: Block) => void; reject: (error: Error) => void }[] = [];

  constructor(address: string, machine: Machine) {
    this.worker = new Worker(address);
    this.worker.onmessage = ({ data }: MessageEvent<Block>) => this.waiting.shift()?.resolve(data);
    this.worker.onerror = ({ message }) => this.waiting.shift()?.reject(new Error(message));
    this.worker.postMessage({ machine });
  }

  run(task: Task): Promise<Block> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage({ task });
    });
  }

  end(): void {
    this.worker.terminate();
  }
}
