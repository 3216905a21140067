// The server behind a laboratory, where there is one: new versions of the model as they are saved, and their errors.
import { type Signal, signal } from "@preact/signals";
import type { Description } from "./description";

/** What a served page holds about its server. */
export interface ServerInfo {
  readonly socket: string;
  /** The version of the model with which the page was made. */
  readonly version: number;
}

export interface Problem {
  readonly sentence: string;
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

/** What the server sends. */
export type Message = LaboratoryMessage | ErrorMessage;

const AGAIN = [500, 1000, 2000, 5000]; // milliseconds until the next attempt
const STALE = 4001; // the server was started anew since the page was made

export class Live {
  /** What is wrong with the model's files now. */
  readonly problem: Signal<Problem | null> = signal(null);
  readonly connected = signal(true);
  private version: number;
  private attempts = 0;

  constructor(
    private readonly info: ServerInfo,
    private readonly show: (description: Description, kernel: string) => Promise<void>,
    private readonly connect: (address: string) => WebSocket = (address) => new WebSocket(address),
    private readonly reload: () => void = () => location.reload(),
  ) {
    this.version = info.version;
    this.open();
  }

  private open(): void {
    const socket = this.connect(`${this.info.socket}&version=${this.version}`);
    socket.addEventListener("open", () => {
      this.attempts = 0;
      this.connected.value = true;
    });
    socket.addEventListener("message", ({ data }) => void this.take(JSON.parse(String(data)) as Message));
    socket.addEventListener("close", ({ code }) => {
      if (code === STALE) {
        this.reload();
        return;
      }
      this.connected.value = false;
      setTimeout(() => this.open(), AGAIN[Math.min(this.attempts++, AGAIN.length - 1)]);
    });
  }

  private async take(message: Message): Promise<void> {
    this.version = message.version;
    if (message.kind === "error") {
      this.problem.value = message;
      return;
    }
    try {
      await this.show(message.description, message.kernel);
      this.problem.value = null;
    } catch (error) {
      this.problem.value = { sentence: error instanceof Error ? error.message : String(error) };
    }
  }
}
