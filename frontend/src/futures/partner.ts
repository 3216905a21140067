// Python behind a widget makes the runs of a fan and sends their quantiles; `sdcluster/lab/fans.py` is the other side.
import type { Traits } from "../notebook";

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

/** One request is under way at a time. While it is and Python is silent, `ask` gives null at once. */
export class Partner {
  /** How many runs Python makes fast enough for a slider that moves. */
  pace = MOST;
  /** Gets an answer that came after `ask` had given up waiting. */
  onLate: (answer: Answer, request: Request) => void = () => {};
  private readonly page = `${Date.now()}-${Math.random()}-${pages++}`;
  private number = 0;
  private underWay: { request: Request; begun: number; settle: (answer: Answer | null) => void } | null =
    null;
  private answered = false;

  constructor(private readonly model: Traits) {
    model.on("msg:custom", this.hear);
  }

  end(): void {
    this.model.off("msg:custom", this.hear);
    this.underWay?.settle(null);
  }

  /** The fan, or null where Python is busy, absent or refuses. */
  async ask(request: Request): Promise<Answer | null> {
    if (this.underWay) return null;
    const waiting = new Promise<Answer | null>((settle) => {
      this.underWay = { request, begun: performance.now(), settle };
    });
    const { page } = this;
    try {
      this.model.send?.({ kind: KIND, page, number: ++this.number, ...request });
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
    // From here on the answer is a late one.
    if (!answer && this.underWay) this.answered = false;
    return answer;
  }

  private readonly hear = (message?: unknown, buffers?: unknown): void => {
    const { kind, page, number, failed, error } = (message ?? {}) as Message;
    const { underWay } = this;
    if (kind !== KIND || page !== this.page || number !== this.number || !underWay) return;
    this.underWay = null;
    const { request, begun, settle } = underWay;
    const answer =
      error === undefined ? answerOf(request, buffers as readonly ArrayBufferView[], failed ?? 0) : null;
    const late = !this.answered;
    // The first answer has waited for a compiler.
    if (!late) this.keepPace(performance.now() - begun, request.runs);
    this.answered = error === undefined;
    settle(answer);
    if (late && answer) this.onLate(answer, request);
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
