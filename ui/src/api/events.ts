/** What happens in the engine, told over one WebSocket that is opened again whenever it closes. */

export interface EngineEvent {
  readonly kind: string;
  readonly at: number;
  readonly flow: string;
  readonly node: string;
  readonly data: Record<string, unknown>;
}

/** Counters of a flow, as far as they have changed. */
export interface FlowFigures {
  readonly flow: string;
  readonly at: number;
  readonly account: Record<string, unknown>;
  /** By node: messages received, errors, messages that wait. */
  readonly nodes: Record<string, [number, number, number]>;
  /** By `node.port`: messages sent. */
  readonly ports: Record<string, number>;
}

export interface Listener {
  events(events: readonly EngineEvent[], missed: number): void;
  figures(figures: FlowFigures): void;
  connection(isUp: boolean): void;
}

/** A port whose messages somebody looks at. */
export interface TappedPort {
  readonly flow: string;
  readonly node: string;
  readonly port: string;
}

export interface Wanted {
  readonly kinds: readonly string[] | null;
  readonly flows: readonly string[] | null;
  readonly figures: readonly string[];
  readonly taps: readonly TappedPort[];
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

export class EventStream {
  #socket: WebSocket | null = null;
  #wanted: Wanted = { kinds: null, flows: null, figures: [], taps: [] };
  #wait = FIRST_WAIT;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(readonly listener: Listener) {}

  /** Say what matters; the engine sends nothing else. */
  want(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#subscribe(false);
  }

  open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/admin/api/events`, ["flowengine.events"]);
    this.#socket = socket;
    socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.#subscribe(true);
      this.listener.connection(true);
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      this.#take(JSON.parse(message.data) as Record<string, unknown>);
    };
    socket.onclose = () => {
      this.listener.connection(false);
      if (!this.#isClosed) {
        this.#timer = setTimeout(() => {
          this.open();
        }, this.#wait);
        this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
      }
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #subscribe(recent: boolean): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: "subscribe", ...this.#wanted, recent }));
    }
  }

  #take(message: Record<string, unknown>): void {
    if (message["type"] === "events") {
      this.listener.events(message["events"] as EngineEvent[], Number(message["missed"] ?? 0));
    } else if (message["type"] === "figures") {
      this.listener.figures(message as unknown as FlowFigures);
    }
  }
}
