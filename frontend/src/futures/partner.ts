// Python behind a widget makes the runs of a fan and sends their quantiles; `sdcluster/lab/fans.py` is the other side.
import { type Traits, told } from "../notebook";

const KIND = "sdcluster-fan";
/** Runs of a fan, and of the smallest while a slider moves. */
export const MOST = 1000;
const FEWEST = MOST / 8;
/** Milliseconds: a fan that takes longer while a slider moves is followed by one of half as many runs. */
const SLOW = 1000 / 15;
/** Less than this, and one of twice as many runs follows. */
const QUICK = SLOW / 2.5;
/** Milliseconds after which a Python that has answered before counts as busy. */
const PATIENCE = 400;

export interface Request {
  readonly state: string;
  readonly spread: number;
  /** Name, lowest, present and highest value of each constant that varies. */
  readonly varied: readonly (readonly [string, number, number, number])[];
  readonly wanted: readonly string[];
  /** The most times of a fan. */
  readonly times: number;
  readonly runs: number;
  /** Whether a slider moves: Python then learns the settings from this request, and the page tells them no other way. */
  readonly moving: boolean;
}

export interface Answer {
  readonly time: Float64Array;
  /** For each wanted variable, for each share, a curve. */
  readonly quantiles: readonly (readonly Float64Array[])[];
  readonly failed: number;
  readonly runs: number;
}

type Message = {
  readonly kind?: string;
  readonly page?: string;
  readonly number?: number;
  readonly failed?: number;
  readonly error?: string;
};

let pages = 0;

interface UnderWay {
  readonly request: Request;
  readonly begun: number;
  /** Null where nobody waits any more. */
  settle: ((answer: Answer | null) => void) | null;
}

/** One request is under way at a time, and a second one shortly before its answer. While the first is and Python is
 * silent, `ask` gives null at once. */
export class Partner {
  /** How many runs Python makes fast enough for a slider that moves. */
  pace = MOST;
  /** Gets an answer that came after `ask` had given up waiting. */
  onLate: (answer: Answer, request: Request) => void = () => {};
  private readonly page = `${Date.now()}-${Math.random()}-${pages++}`;
  private number = 0;
  /** By number: Python answers them in order. */
  private readonly underWay = new Map<number, UnderWay>();
  private answered = false;
  /** When the last answer came, and how long Python took for it. */
  private last = 0;
  private took = 0;

  constructor(private readonly model: Traits) {
    model.on("msg:custom", this.hear);
  }

  end(): void {
    this.model.off("msg:custom", this.hear);
    for (const { settle } of this.underWay.values()) settle?.(null);
  }

  /** Whether the answer to the only request is near: the next, sent now, spares Python to wait for it. */
  get near(): boolean {
    const [first] = this.underWay.values();
    if (!this.answered || this.underWay.size !== 1 || !first) return false;
    return this.since(first) > this.took / 2;
  }

  /** Milliseconds that Python has had for a request. */
  private since({ begun }: UnderWay): number {
    return performance.now() - Math.max(begun, this.last);
  }

  /** The fan, or null where Python is busy, absent or refuses. */
  async ask(request: Request): Promise<Answer | null> {
    if (this.underWay.size && !this.near) return null;
    const number = ++this.number;
    const mine: UnderWay = { request, begun: performance.now(), settle: null };
    const waiting = new Promise<Answer | null>((settle) => {
      if (this.answered) mine.settle = settle;
    });
    this.underWay.set(number, mine);
    const { page } = this;
    try {
      this.model.send?.({ kind: KIND, page, number, ...request });
      if (request.moving) told.set(this.model, mine.begun);
    } catch {
      return null; // Nobody is there, nor will be.
    }
    if (!this.answered) return null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), PATIENCE);
    });
    const answer = await Promise.race([waiting, late]);
    clearTimeout(timer);
    if (!answer && this.underWay.has(number)) {
      mine.settle = null;
      this.answered = false;
    }
    return answer;
  }

  private readonly hear = (message?: unknown, buffers?: unknown): void => {
    const { kind, page, number, failed, error } = (message ?? {}) as Message;
    const mine = this.underWay.get(number ?? 0);
    if (kind !== KIND || page !== this.page || !mine) return;
    this.underWay.delete(number as number);
    const { request, settle } = mine;
    const answer =
      error === undefined ? answerOf(request, buffers as readonly ArrayBufferView[], failed ?? 0) : null;
    this.took = this.since(mine);
    this.last = performance.now();
    // The first answer has waited for a compiler.
    if (settle) this.keepPace(this.took, request.runs);
    this.answered = error === undefined;
    settle?.(answer);
    if (!settle && answer) this.onLate(answer, request);
  };

  private keepPace(took: number, runs: number): void {
    if (runs !== this.pace) return;
    if (took > SLOW) this.pace = Math.max(FEWEST, runs / 2);
    else if (took < QUICK) this.pace = Math.min(MOST, runs * 2);
  }
}

function answerOf(
  { wanted, runs }: Request,
  [time, quantiles]: readonly ArrayBufferView[],
  failed: number,
): Answer {
  const [times, numbers] = [numbersOf(time), numbersOf(quantiles)];
  const rows = times.length;
  const shares = numbers.length / rows / wanted.length;
  return {
    ...{ time: times, failed, runs },
    quantiles: wanted.map((_, i) =>
      Array.from({ length: shares }, (_, k) =>
        numbers.subarray((i * shares + k) * rows, (i * shares + k + 1) * rows),
      ),
    ),
  };
}

/** The doubles of a buffer, which may begin at any byte. */
function numbersOf(view: ArrayBufferView | undefined): Float64Array {
  if (!view) throw new Error("a fan came without its numbers");
  return new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
