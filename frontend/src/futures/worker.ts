// What runs beside the page: a block of runs for each message, in the order in which they come.
import { Lanes, type Machine, type Task } from "./lanes";
import type { Answer } from "./pool";
import { ordered } from "./quantiles";

interface Scope {
  onmessage: ((event: MessageEvent<{ machine?: Machine; task?: Task }>) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let lanes: Lanes | null = null;
scope.onmessage = ({ data: { machine, task } }) => {
  if (machine) lanes = new Lanes(machine);
  if (!task || !lanes) return;
  const block = lanes.run(task);
  const answer: Answer = { block, ordered: task.inOrder ? ordered(block) : null };
  const buffers = [block.curves, block.failed, answer.ordered?.values];
  scope.postMessage(
    answer,
    buffers.flatMap((one) => (one ? [one.buffer] : [])),
  );
};
