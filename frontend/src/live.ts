// The server behind a laboratory, where there is one: new versions of the model as they are saved, and their errors.
import { type Signal, signal } from "@preact/signals";
import { type Description, type Language, pick, type Texts } from "./description";
import type { Equations, Variants } from "./variants";

/** What a served page holds about its server. */
export interface ServerInfo {
  readonly socket: string;
  /** The version of the model with which the page was made. */
  readonly version: number;
}

export interface Problem {
  readonly sentence: Texts;
  readonly file?: string | null;
  readonly line?: number | null;
  readonly variable?: string | null;
}

interface LaboratoryMessage {
  readonly kind: "laboratory";
  readonly version: number;
  readonly description: Description;
  readonly kernel: string;
}

type ErrorMessage = Problem & { readonly kind: "error"; readonly version: number };

export interface Answer {
  readonly kind: "answer";
  readonly id: number;
  readonly error?: Problem;
  /** A file, in base 64. */
  readonly bytes?: string;
  readonly description?: Description;
  readonly kernel?: string;
}

/** What the server sends. */
export type Message = LaboratoryMessage | ErrorMessage | Answer;

const AGAIN = [500, 1000, 2000, 5000]; // milliseconds until the next attempt
const ENDED = "the server has ended";
const STALE = 4001; // the server was started anew since the page was made

/** An error of the server, in the languages that have it. */
export class Refusal extends Error {
  constructor(readonly sentence: Texts) {
    super(pick(sentence, "en"));
  }
}

/** What an error says in the page's language. */
export function wordsOf(error: unknown, language: Language): string {
  if (error instanceof Refusal) return pick(error.sentence, language);
  return error instanceof Error ? error.message : String(error);
}

export class Live {
  /** What is wrong with the model's files now. */
  readonly problem: Signal<Problem | null> = signal(null);
  readonly connected = signal(true);
  /** The model's versions with other equations. */
  variants: Variants | null = null;
  private version: number;
  private attempts = 0;
  private socket: WebSocket | null = null;
  private questions = 0;
  private readonly waiting = new Map<number, { take: (answer: Answer) => void; fail: (e: Error) => void }>();

  constructor(
    private readonly info: ServerInfo,
    private readonly show: (description: Description, kernel: string) => Promise<void>,
  ) {
    this.version = info.version;
    this.open();
  }

  /** Ask about the model with other equations; fails with the sentence of what is wrong with them. */
  async ask(what: "check" | "laboratory" | "file", equations: Equations): Promise<Answer> {
    const { socket } = this;
    if (socket?.readyState === WebSocket.CONNECTING)
      await new Promise((go) => {
        socket.addEventListener("open", go);
        socket.addEventListener("close", go);
      });
    if (socket?.readyState !== WebSocket.OPEN) throw new Error(ENDED);
    const id = ++this.questions;
    socket.send(JSON.stringify({ id, ask: what, equations }));
    return new Promise((take, fail) => this.waiting.set(id, { take, fail }));
  }

  private open(): void {
    const socket = new WebSocket(`${this.info.socket}&version=${this.version}`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.attempts = 0;
      this.connected.value = true;
    });
    socket.addEventListener("message", ({ data }) => void this.take(JSON.parse(String(data)) as Message));
    socket.addEventListener("close", ({ code }) => {
      if (code === STALE) {
        location.reload();
        return;
      }
      this.connected.value = false;
      for (const { fail } of this.waiting.values()) fail(new Error(ENDED));
      this.waiting.clear();
      setTimeout(() => this.open(), AGAIN[Math.min(this.attempts++, AGAIN.length - 1)]);
    });
  }

  private async take(message: Message): Promise<void> {
    if (message.kind === "answer") {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) waiting?.fail(new Refusal(message.error.sentence));
      else waiting?.take(message);
      return;
    }
    this.version = message.version;
    if (message.kind === "error") {
      this.problem.value = message;
      return;
    }
    try {
      await this.show(message.description, message.kernel);
      this.problem.value = null;
    } catch (error) {
      this.problem.value = { sentence: { en: error instanceof Error ? error.message : String(error) } };
    }
  }
}
