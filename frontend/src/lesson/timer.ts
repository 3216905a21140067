// A countdown that a teacher starts. It counts by the clock, so that a page in the background is right again when seen.
import { computed, type ReadonlySignal, signal } from "@preact/signals";

const TICK = 250; // milliseconds

export class Countdown {
  readonly minutes = signal(5);
  /** Seconds that are left while it runs, else null; 0 when time is up. */
  readonly left = signal<number | null>(null);
  readonly running: ReadonlySignal<boolean> = computed(() => this.left.value !== null);
  private end = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly now: () => number = Date.now) {}

  start(): void {
    clearInterval(this.timer);
    this.end = this.now() + this.minutes.value * 60_000;
    this.timer = setInterval(() => this.tick(), TICK);
    this.tick();
  }

  stop(): void {
    clearInterval(this.timer);
    this.left.value = null;
  }

  tick(): void {
    this.left.value = Math.max(0, Math.ceil((this.end - this.now()) / 1000));
    if (this.left.value === 0) clearInterval(this.timer);
  }
}

/** Seconds as a clock shows them: 4:05. */
export function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
