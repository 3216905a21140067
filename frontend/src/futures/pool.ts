// The workers of a model: the runs of a task are shared out, and their curves are put together again in order.
import code from "built-worker";
import { type Block, type Machine, rowsOf, type Task } from "./lanes";

const MOST = 4; // workers; more gain little for some hundred runs

export class Pool {
  private readonly workers: Worker[] = [];

  constructor(private readonly machine: Machine) {
    const count = Math.max(1, Math.min(MOST, navigator.hardwareConcurrency || 2));
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    for (let i = 0; i < count; i++) {
      const worker = new Worker(address);
      worker.postMessage({ machine });
      this.workers.push(worker);
    }
  }

  end(): void {
    for (const worker of this.workers) worker.terminate();
    this.workers.length = 0;
  }

  async run(task: Task): Promise<Block> {
    const count = task.values.length / Math.max(1, task.places.length);
    const { lanes } = this.machine;
    const share = lanes * Math.ceil(count / lanes / this.workers.length);
    const parts = this.workers.flatMap((worker, i) => {
      const [from, to] = [Math.min(count, i * share), Math.min(count, (i + 1) * share)];
      if (to === from) return [];
      const width = task.places.length;
      return [
        { from, to, block: asked(worker, { ...task, values: task.values.slice(from * width, to * width) }) },
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

function asked(worker: Worker, task: Task): Promise<Block> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Block>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ task });
  });
}
