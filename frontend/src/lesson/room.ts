// The line to a class: a prediction goes there once, and what the class has predicted comes back to the teacher.
import { type Signal, signal } from "@preact/signals";
import type { RoomInfo } from "./description";

export type Prediction = readonly number[] | number;

/** What the server says. */
type Message =
  | { readonly kind: "state"; readonly round: string; readonly revealed: boolean; readonly counted: boolean }
  | {
      readonly kind: "pool";
      readonly connected: number;
      readonly revealed: boolean;
      readonly predictions: readonly Prediction[];
    }
  | { readonly kind: "refused" };

const FIRST_WAIT = 500; // milliseconds before the line is tried again
const LONGEST_WAIT = 8000;

export class Room {
  readonly online = signal(false);
  readonly refused = signal(false);
  readonly revealed = signal(false);
  /** A student who goes on without waiting for the teacher. */
  readonly alone = signal(false);
  readonly connected = signal(0);
  /** Whether the teacher shows what the class predicts. */
  readonly showing = signal(true);
  readonly pool: Signal<readonly Prediction[]> = signal([]);
  private socket: WebSocket | null = null;
  private wait = FIRST_WAIT;
  private prediction: Prediction | null = null;

  constructor(
    readonly info: RoomInfo,
    private readonly address: string,
    private readonly id: string,
    /** Called when the class that this page belongs to is over. */
    private readonly onOver: () => void,
  ) {
    this.connect();
  }

  /** Send a prediction; it is sent again after each break of the line, and counts once. */
  send(prediction: Prediction): void {
    this.prediction = prediction;
    this.say({ kind: "predict", id: this.id, value: prediction });
  }

  reveal(): void {
    this.say({ kind: "reveal" });
  }

  renew(): void {
    this.say({ kind: "new" });
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private connect(): void {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.online.value = true;
      if (this.info.role === "student") this.say({ kind: "hello", id: this.id });
    };
    socket.onmessage = ({ data }) => this.hear(JSON.parse(String(data)) as Message);
    socket.onclose = () => {
      this.online.value = false;
      setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
    };
  }

  private hear(message: Message): void {
    this.refused.value = message.kind === "refused";
    if (message.kind === "pool") {
      this.connected.value = message.connected;
      this.revealed.value = message.revealed;
      this.pool.value = message.predictions;
    } else if (message.kind === "state") {
      if (message.round !== this.info.round) {
        this.onOver();
        return;
      }
      this.revealed.value = message.revealed;
      if (!message.counted && this.prediction !== null) this.send(this.prediction);
    }
  }
}

/** A random name for this browser, kept in it, so that a reload does not count twice. */
export function browserId(storage: Storage | null, round: string): string {
  const key = `sdcluster class ${round}`;
  try {
    const known = storage?.getItem(key);
    if (known) return known;
  } catch {
    // Without a storage a reload is another browser.
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    storage?.setItem(key, id);
  } catch {
    // As above.
  }
  return id;
}
