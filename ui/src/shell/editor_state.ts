/** What the editor shows and does beyond the flows themselves. */

import type { Client } from "../api/client.ts";
import { EventStream, type EngineEvent, type TappedPort } from "../api/events.ts";
import type { FlowFigures as RunningFigures, Port, Translations, WhoAmI } from "../api/schema.ts";
import { Disk } from "../model/disk.ts";
import type { FlowNode } from "../model/document.ts";
import { EngineTexts } from "../model/engine_texts.ts";
import { DraftStore } from "../model/draft_store.ts";
import { OpenFlow } from "../model/open_flow.ts";
import { Project } from "../model/project.ts";
import { may, type Role } from "../model/roles.ts";
import { Signal } from "../model/signal.ts";
import { Watch } from "../model/watch.ts";
import { Desk } from "./desk.ts";

const CHECK_AFTER = 300;
const KEEP_AFTER = 400;

export class EditorState {
  readonly project: Project;
  readonly desk = new Desk();
  readonly stream: EventStream;
  /** What is known of what runs. */
  readonly watch = new Watch(() => Date.now() / 1000);
  readonly connection = new Signal();
  readonly disk: Disk;
  /** Tells of signing in and out. */
  readonly session = new Signal();
  isSignedOut = false;
  who: WhoAmI = { name: "", role: "viewer", kind: "open", session: false };
  isConnected = false;
  /** What the engine says, in the language of the page. */
  texts = new EngineTexts();
  readonly spoken = new Signal();
  readonly eventListeners = new Set<(events: readonly EngineEvent[]) => void>();
  readonly #ports = new Map<string, readonly Port[] | null>();
  #spoken = 0;
  #figures: readonly string[] = [];
  #taps: readonly TappedPort[] = [];
  /** Grows with every node whose ports the server has told. */
  portsKnown = 0;
  #speaking: Promise<void> = Promise.resolve();
  #checking: ReturnType<typeof setTimeout> | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly client: Client) {
    this.project = new Project(client, new DraftStore(localStorage, Date.now));
    this.disk = new Disk(this.project);
    this.stream = new EventStream({
      events: (events, missed) => {
        this.watch.take(events, missed);
        this.#happened(events);
      },
      figures: (figures) => {
        this.watch.figures(figures);
      },
      connection: (isUp) => {
        this.isConnected = isUp;
        if (isUp) {
          this.watch.connected();
          // What happened meanwhile was told to nobody here.
          void this.disk.look().catch(() => undefined);
        }
        this.connection.tell();
      },
    });
  }

  /** Whether somebody of a role may use what takes another. */
  may(role: Role): boolean {
    return may(this.who.role, role);
  }

  /** Let the engine's own words be in a language; without translations, they are English. */
  speak(language: string): void {
    this.#speaking = this.#learn(language).catch(() => undefined);
  }

  async #learn(language: string): Promise<void> {
    const turn = ++this.#spoken;
    const told = language === "en" ? null : await this.client.get<Translations>(`/translations/${language}`);
    if (turn === this.#spoken) {
      this.texts = new EngineTexts(told);
      this.project.speak(this.texts);
      this.client.say = (refusal) => this.texts.refusal(refusal);
      this.spoken.tell();
    }
  }

  /** Learn who we are, at the start and after signing in again. */
  async meet(): Promise<void> {
    this.who = await this.client.get<WhoAmI>("/session");
    this.project.isReadOnly = !this.may("editor");
    for (const flow of this.project.opened()) {
      flow.isReadOnly = this.project.isReadOnly;
    }
    this.isSignedOut = false;
    this.session.tell();
  }

  async start(): Promise<void> {
    // Whatever is refused from here on is said in the language of the page.
    await this.#speaking;
    await this.meet();
    this.client.onSignedOut = () => {
      this.isSignedOut = true;
      this.session.tell();
    };
    await this.project.load();
    this.project.speak(this.texts);
    this.project.changed.subscribe(() => {
      clearTimeout(this.#keeping);
      this.#keeping = setTimeout(() => {
        this.project.keepDrafts();
      }, KEEP_AFTER);
    });
    addEventListener("pagehide", () => {
      this.project.keepDrafts();
    });
    this.stream.open();
  }

  async show(id: string): Promise<OpenFlow> {
    const flow = await this.project.show(id);
    if (!this.#figures.includes(id)) {
      this.watch.history.cut();
    }
    this.#figures = [id];
    this.#want();
    return flow;
  }

  /** Look at what leaves a port, or at nothing any more. */
  tap(port: TappedPort | null): void {
    this.watch.tapped.clear();
    this.#taps = port === null ? [] : [port];
    this.#want();
  }

  /** Ask what the nodes of a flow show; changes come as events. */
  async readStatuses(flow: string): Promise<void> {
    const figures = await this.client.get<RunningFigures>(`/flows/${encodeURIComponent(flow)}/figures`);
    this.watch.setStatuses(
      flow,
      figures.nodes.flatMap((node) => (node.status === null ? [] : [[node.id, node.status] as const])),
      figures.at,
    );
  }

  /** Have lint look at a flow soon; more edits wait for the last. */
  checkSoon(flow: OpenFlow): void {
    clearTimeout(this.#checking);
    this.#checking = setTimeout(() => {
      void this.project.check(flow).catch(() => undefined);
    }, CHECK_AFTER);
  }

  /** The ports of a node's configuration; `undefined` until the server has told them. */
  ports(type: string, node: FlowNode): readonly Port[] | undefined {
    if (this.project.types.get(type)?.own_ports !== true) {
      return undefined;
    }
    const key = `${type} ${JSON.stringify(node.config ?? {})}`;
    const known = this.#ports.get(key);
    if (known === undefined) {
      this.#ports.set(key, null);
      void this.client
        .post<{ ports: Port[] }>(`/node-types/${encodeURIComponent(type)}/ports`, { config: node.config ?? {} })
        .then(({ ports }) => {
          this.#ports.set(key, ports);
          this.portsKnown++;
          this.project.changed.tell();
        })
        // A configuration that is wrong has no ports to tell; lint says what is wrong.
        .catch(() => undefined);
    }
    return known ?? undefined;
  }

  #want(): void {
    this.stream.want({ kinds: null, flows: null, figures: this.#figures, taps: this.#taps });
  }

  #happened(events: readonly EngineEvent[]): void {
    for (const listener of this.eventListeners) {
      listener(events);
    }
    if (events.some((event) => event.kind === "deploy" || event.kind === "files" || event.kind === "broken")) {
      const files = events.filter((event) => event.kind === "files");
      const layouts = new Set(files.flatMap((event) => event.data["layouts"] as string[]));
      void this.disk.look(layouts).catch(() => undefined);
    }
  }
}
