// The session of a laboratory in a notebook: description, kernel and state are traits of the Python object.
import { effect } from "@preact/signals";
import type { Description } from "./description";
import { type Kernel, loadKernel } from "./kernel";
import { given, setTrait, type Traits, told } from "./notebook";
import { Session } from "./session";

const SETTLED = 80; // milliseconds between two messages to Python during a drag
const STATE = "_state";
const DESCRIPTION = "_description";

/** The laboratory of the model, once Python gives one. */
export async function sessionOf(model: Traits): Promise<{ session: Session; kernel: Kernel }> {
  await given(model, DESCRIPTION);
  const description = JSON.parse(String(model.get(DESCRIPTION))) as Description;
  const kernel = await loadKernel(description.program, bytesOf(model.get("_kernel")));
  const frame = (work: () => void) => requestAnimationFrame(work);
  return { session: new Session(description, kernel, frame, String(model.get(STATE))), kernel };
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value)) throw new Error("its kernel is missing");
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
}

/** Keep the state of the page and that of the Python object equal, and say to all outputs when charts are drawn. */
export function linkSession(session: Session, model: Traits, hosts: ReadonlySet<HTMLElement>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  session.onDrawn = () => {
    for (const host of hosts) host.dispatchEvent(new CustomEvent("sdcluster:drawn"));
  };
  const send = () => {
    const spared = session.moving.peek() && performance.now() - (told.get(model) ?? 0) < 2 * SETTLED;
    timer = spared ? setTimeout(send, SETTLED) : undefined;
    if (!spared) setTrait(model, STATE, session.hash);
  };
  const take = () => session.restore(String(model.get(STATE)));
  take();
  const stop = effect(() => {
    session.linked();
    timer ??= setTimeout(send, SETTLED);
  });
  model.on(`change:${STATE}`, take);
  return () => {
    stop();
    clearTimeout(timer);
    model.off(`change:${STATE}`, take);
  };
}
