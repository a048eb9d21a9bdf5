import { setImmediate as turn } from "node:timers/promises";
import type { ApiPorts } from "@gatepost/api";
import type { EventOfBox } from "@gatepost/core/events";
import { boxesSeen } from "@gatepost/core/keys";
import {
  caughtUpMessage,
  changeBy,
  erasedMessages,
  type LiveConfiguration,
  LiveCursors,
  LiveMessages,
  liveCounts,
  MissedChanges,
  type MissedPorts,
  markMessages,
  noResumePoint,
  noteMessages,
  PassingRate,
  type ResumePoint,
  resumePointAfter,
  resumePointOf,
  rollMessages,
} from "@gatepost/core/live";
import type { Log } from "@gatepost/core/log";
import type { RollChange } from "@gatepost/core/rolls";
import type { MarkChange, NoteChange } from "@gatepost/core/seen";
import type { SharedCounts, Zone } from "@gatepost/core/statistics";
import { Turns } from "@gatepost/http";
import type { IndexChange } from "../events/index.ts";
import type { Signal } from "../events/signal.ts";
import { bytesAtOnce, catchUp } from "./catch-up.ts";
import { CountsPulse } from "./counts-pulse.ts";
import { EventPulse } from "./event-pulse.ts";
import type { Subscriber } from "./subscriber.ts";

/** The parts of the runtime that the live feed needs. */
export interface LivePorts {
  reads: Pick<ApiPorts, "events" | "feed" | "pictures" | "boxes"> & { counts: Pick<SharedCounts, "live"> };
  missed: MissedPorts["feed"];
  /** The secret by which cursors are encrypted. */
  cursorSecret: Buffer;
  /** Signals each event when it becomes durable. */
  changes: Signal<IndexChange>;
  /** Signals each mark of a seen event that was written or taken back. */
  seen: Signal<MarkChange>;
  /** Signals each event that got a note. */
  notes: Signal<NoteChange>;
  /** Signals each event that was erased. */
  erased: Signal<EventOfBox>;
  /** Signals each evacuation list that was ticked or closed. */
  rolls: Signal<RollChange>;
  /** The time zone in which a day begins. */
  zone: Zone;
  log: Log;
  clock(): number;
}

/** Changes that are sent in one turn, so that a client gets them in one piece. Far fewer than may wait for a client. */
const batchSize = 16;

/** Sends events to all clients, in the order in which they became durable. */
export class LiveHub {
  readonly #deps: LivePorts;
  readonly #connections = new Set<Subscriber>();
  readonly #end: () => void;
  readonly #pulse: CountsPulse;
  readonly #rate: PassingRate;
  readonly #cursors: LiveCursors;
  readonly #pulses: readonly { end(): void }[];
  readonly #catchUpTurns = new Turns(bytesAtOnce);
  /** Changes that were not sent yet. */
  #heard: IndexChange[] = [];
  #isTelling = false;
  #latest = "";

  constructor(deps: LivePorts) {
    this.#deps = deps;
    this.#cursors = new LiveCursors(deps.cursorSecret);
    this.#end = deps.changes.listen((change) => this.#hear(change));
    const { reads, zone, log } = deps;
    const subscribers = this.#connections;
    this.#pulses = [
      new EventPulse(deps.seen, { subscribers, messagesOf: markMessages }),
      new EventPulse(deps.notes, { subscribers, messagesOf: noteMessages }),
      new EventPulse(deps.erased, { subscribers, messagesOf: erasedMessages }),
      new EventPulse(deps.rolls, { subscribers, messagesOf: rollMessages }),
    ];
    this.#rate = new PassingRate(deps.clock);
    const counts = liveCounts({ counts: reads.counts, zone, rate: this.#rate });
    this.#pulse = new CountsPulse({ counts, log, subscribers });
  }

  get connections(): ReadonlySet<Subscriber> {
    return this.#connections;
  }

  add(connection: Subscriber): void {
    this.#connections.add(connection);
    connection.onClose(() => this.#connections.delete(connection));
    connection.onConfiguration((configuration) =>
      this.#configure(connection, configuration).catch((cause: unknown) => this.#drop([connection], cause)),
    );
  }

  close(): void {
    this.#end();
    this.#pulse.end();
    for (const pulse of this.#pulses) pulse.end();
  }

  async #configure(connection: Subscriber, configuration: LiveConfiguration): Promise<void> {
    const { reads } = this.#deps;
    const { since: asked } = configuration;
    const seen = boxesSeen(connection.viewer);
    const cursors = this.#cursors;
    const since = asked === null ? undefined : await resumePointOf(asked, seen, { cursors, reads });
    if (since === null) {
      connection.refuse(noResumePoint);
      return;
    }
    const isUnderWay = connection.configuration !== null && connection.position !== null;
    connection.configuration = configuration;
    if (configuration.counts) void this.#pulse.welcome(connection);
    if (since !== undefined) void this.#catchUp(connection, configuration, since);
    else {
      if (!isUnderWay) connection.position = this.#latest;
      this.#sayCaughtUp(connection, configuration);
    }
  }

  #sayCaughtUp({ sendQueue }: Subscriber, configuration: LiveConfiguration, at?: string): void {
    const message = caughtUpMessage(configuration, at);
    if (message !== null) sendQueue.send(message);
  }

  async #catchUp(connection: Subscriber, configuration: LiveConfiguration, since: ResumePoint): Promise<void> {
    connection.position = null;
    try {
      const { reads, missed: feed, clock } = this.#deps;
      const missed = new MissedChanges(since, configuration, { ...reads, feed, cursors: this.#cursors, clock });
      const cursor = await catchUp(connection, configuration, {
        ...{ missed, latest: () => this.#latest, turns: this.#catchUpTurns },
      });
      if (cursor === null || connection.configuration !== configuration) return;
      connection.position = cursor;
      const place = { made: cursor, from: cursor, cursor, overlapMs: 0 };
      const point = { ...place, eventId: since.eventId, receivedAt: clock() };
      this.#sayCaughtUp(connection, configuration, this.#cursors.of(point));
    } catch (cause) {
      this.#drop([connection], cause);
    }
  }

  #hear(change: IndexChange): void {
    this.#latest = change.cursor;
    if (this.#connections.size === 0) return;
    this.#heard.push(change);
    if (!this.#isTelling) void this.#tellHeard();
  }

  async #tellHeard(): Promise<void> {
    this.#isTelling = true;
    while (this.#heard.length > 0) {
      // Lets earlier messages leave first: a client is slow only if it does not read messages that have reached it.
      await turn();
      await this.#tellTogether(this.#heard.splice(0, batchSize));
    }
    this.#isTelling = false;
  }

  async #tellTogether(changes: readonly IndexChange[]): Promise<void> {
    const connections = [...this.#connections];
    for (const { sendQueue } of connections) sendQueue.hold();
    try {
      for (const change of changes) await this.#tell(change);
    } catch (cause) {
      this.#drop([...this.#connections], cause);
    } finally {
      for (const { sendQueue } of connections) sendQueue.release();
    }
  }

  async #tell({ eventId, outcome, kind, cursor }: IndexChange): Promise<void> {
    const stored = await this.#deps.reads.events.get(eventId);
    if (stored === null) return;
    if (outcome === "created") this.#rate.note(stored.box);
    const change = changeBy(
      stored,
      (report) => outcome === "created" || (outcome === "merged" && report.kind === kind),
    );
    const messages = new LiveMessages(stored, change, {
      ...{ ...this.#deps.reads, clock: this.#deps.clock },
      cursor: () => this.#cursors.of(resumePointAfter(stored, { cursor, isNew: outcome === "created" })),
    });
    for (const connection of this.#connections) {
      const { configuration, position } = connection;
      if (!connection.isOpen || configuration === null || position === null || position >= cursor) continue;
      const made = messages.for(configuration);
      const message = made instanceof Promise ? await made : made;
      // A client that sent another configuration meanwhile also gets the message, unless it is catching up now.
      if (message !== null && connection.position !== null) connection.sendQueue.send(message);
    }
  }

  /** Disconnects clients that would miss a change: they reconnect and catch up. */
  #drop(connections: readonly Subscriber[], cause: unknown): void {
    this.#deps.log.error("the live feed failed; its clients are disconnected", { cause });
    for (const connection of connections) connection.close(1011, "connect again with `since`");
  }
}
