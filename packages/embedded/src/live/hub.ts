import { setImmediate as turn } from "node:timers/promises";
import type { EventReader } from "@gatepost/core/events";
import { boxesSeen } from "@gatepost/core/keys";
import { LiveMessages } from "@gatepost/core/live";
import type { Log } from "@gatepost/core/log";
import type { PictureReader } from "@gatepost/core/pictures";
import { locatePicture, merge, type Report } from "@gatepost/protocol";
import type { IndexChange } from "../events/index.ts";
import type { Signal } from "../events/signal.ts";
import type { Subscriber } from "./subscriber.ts";

/** The parts of the runtime that the socket needs. */
export interface LivePorts {
  reads: { events: Pick<EventReader, "get">; pictures: PictureReader };
  /** Signals each event when it becomes durable. */
  changes: Signal<IndexChange>;
  log: Log;
}

/** Sends events to all clients, in the order in which they became durable. */
export class LiveHub {
  readonly #deps: LivePorts;
  readonly #connections = new Set<Subscriber>();
  readonly #end: () => void;
  /** Changes that were not sent yet. */
  readonly #heard: IndexChange[] = [];
  #isTelling = false;

  constructor(deps: LivePorts) {
    this.#deps = deps;
    this.#end = deps.changes.listen((change) => this.#hear(change));
  }

  get connections(): ReadonlySet<Subscriber> {
    return this.#connections;
  }

  add(connection: Subscriber): void {
    this.#connections.add(connection);
    connection.onClose(() => this.#connections.delete(connection));
  }

  close(): void {
    this.#end();
  }

  #hear(change: IndexChange): void {
    if (this.#connections.size === 0) return;
    this.#heard.push(change);
    if (!this.#isTelling) void this.#tellHeard();
  }

  async #tellHeard(): Promise<void> {
    this.#isTelling = true;
    for (let change = this.#heard.shift(); change !== undefined; change = this.#heard.shift()) {
      // Lets earlier messages leave first: a client is slow only if it does not read messages that have reached it.
      await turn();
      await this.#tell(change).catch((cause: unknown) => this.#drop(cause));
    }
    this.#isTelling = false;
  }

  async #tell({ eventId, outcome, kind }: IndexChange): Promise<void> {
    const { events, pictures } = this.#deps.reads;
    const stored = await events.get(eventId);
    if (stored === null) return;
    const isNew = (report: Report) => outcome === "created" || (outcome === "merged" && report.kind === kind);
    const reports = stored.reports.filter((report) => !isNew(report));
    const messages = new LiveMessages({
      event: merge(stored),
      before: reports.length === 0 ? null : merge({ ...stored, reports }),
      async picture(of) {
        const location = locatePicture(stored, of);
        return location === null ? null : pictures.get(location);
      },
    });
    for (const connection of this.#connections) {
      const { configuration, viewer } = connection;
      if (configuration === null || boxesSeen(viewer)?.includes(stored.box) === false) continue;
      const message = await messages.for(configuration);
      if (message !== null) connection.send(message);
    }
  }

  /** Disconnects clients that miss an event: they learn that there is a gap. */
  #drop(cause: unknown): void {
    this.#deps.log.error("could not send an event over the WebSocket; its clients are disconnected", { cause });
    for (const connection of this.#connections) connection.close(1011, "an event was missed");
  }
}
