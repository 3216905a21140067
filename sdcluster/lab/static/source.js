// Where trajectories come from. `PythonSource` asks the kernel; a source that runs the model in the
// browser needs only the same three members: ask(state), busy, and the callbacks given to the constructor.

let sources = 0;

// One question is under way at any time; of the states wished meanwhile only the newest is asked next,
// so a drag never queues up.
export class PythonSource {
  constructor(model, { onAnswer, onError, patience = 8000 }) {
    this.model = model;
    this.onAnswer = onAnswer;
    this.onError = onError;
    this.patience = patience;
    this.prefix = `${Date.now().toString(36)}-${(sources += 1)}`;
    this.count = 0;
    this.waiting = null;
    this.wished = null;
    this.listener = (content, buffers) => this.receive(content, buffers);
    model.on("msg:custom", this.listener);
  }

  get busy() {
    return this.waiting !== null;
  }

  ask(state) {
    this.wished = state;
    if (!this.waiting) this.send();
  }

  send() {
    const state = this.wished;
    const id = `${this.prefix}-${(this.count += 1)}`;
    this.wished = null;
    const timer = setTimeout(() => this.giveUp(), this.patience);
    this.waiting = { id, state, timer };
    this.model.send({ kind: "run", id, state });
  }

  receive(content, buffers) {
    if (!this.waiting || content?.id !== this.waiting.id) return;
    const { state, timer } = this.waiting;
    clearTimeout(timer);
    this.waiting = null;
    if (this.wished) this.send();
    if (content.kind === "error") this.onError(content.sentences, state);
    else this.onAnswer(decode(content, buffers[0]), state);
  }

  giveUp() {
    this.waiting = null;
    this.onError(null, null);
    if (this.wished) this.send();
  }

  close() {
    clearTimeout(this.waiting?.timer);
    this.model.off("msg:custom", this.listener);
  }
}

// Bytes → { names, time?, values: one Float32Array for each name, story, backend }.
export function decode(content, bytes) {
  const all = floats(bytes);
  const length = all.length / content.names.length;
  const values = {};
  content.names.forEach((name, i) => {
    values[name] = all.subarray(i * length, (i + 1) * length);
  });
  return { values, story: content.story, backend: content.backend };
}

export function floats(bytes) {
  const aligned = bytes.byteOffset % 4 === 0;
  const copy = aligned ? bytes : new DataView(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return new Float32Array(copy.buffer, copy.byteOffset, copy.byteLength / 4);
}
