// What runs beside the page: a block of runs for each message, in the order in which they come.
import { Lanes, type Machine, type Task } from "./lanes";

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
  scope.postMessage(block, [block.curves.buffer, block.failed.buffer]);
};
