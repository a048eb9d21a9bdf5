import type { Viewers } from "@gatepost/core/accounts";
import type { BoxPorts } from "@gatepost/core/boxes";
import type { EventOfBox } from "@gatepost/core/events";
import { boxesSeen } from "@gatepost/core/keys";
import {
  erasedMessages,
  isEventId,
  type LiveCursors,
  LiveMessages,
  limitedTo,
  markMessages,
  noteMessages,
  type ResumePoint,
  rollMessages,
} from "@gatepost/core/live";
import type { Log } from "@gatepost/core/log";
import type { PictureReader } from "@gatepost/core/pictures";
import { type RollChange, rollChangedIn } from "@gatepost/core/rolls";
import { type MarkChange, type NoteChange, notedIn } from "@gatepost/core/seen";
import { hourMs } from "@gatepost/protocol";
import { forEachLimit } from "../dynamo/groups.ts";
import { sequenceAt, timeOf } from "../dynamo/monotonic-clock.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { type Connection, isAbandoned, type LiveConnections } from "./connections.ts";
import type { LiveCountsPublisher } from "./counts.ts";
import type { DeliveryGaps } from "./delivery-gaps.ts";
import { resumePointAt } from "./resume-point.ts";
import { disconnect, maxMessageBytes, type Sockets } from "./sockets.ts";
import {
  type Changed,
  changesIn,
  markChangedIn,
  type Notification,
  newlyErased,
  notificationOf,
  revokedBy,
} from "./stream.ts";

/** How many sent messages a process remembers: a batch of the stream may come again. */
const maxSent = 50_000;
const rememberedFor = hourMs;

export interface PublisherPorts {
  connections: LiveConnections;
  sockets: Sockets;
  gaps: DeliveryGaps;
  cursors: LiveCursors;
  viewers: Pick<Viewers, "find">;
  pictures: PictureReader;
  boxes?: Pick<BoxPorts, "labels">;
  counts: LiveCountsPublisher;
  log: Log;
  clock(): number;
}

/** The news of a batch for clients. */
interface News {
  prepared: readonly Prepared[];
  marks: readonly MarkChange[];
  notes: readonly NoteChange[];
  rolls: readonly RollChange[];
  erased: readonly EventOfBox[];
}

interface Prepared extends Pick<Notification, "sequence"> {
  eventId: string;
  /** The cursor of the messages covers the events that a client which is behind may still miss. */
  messagesFor(connection: Connection): LiveMessages;
}

/** Sends the changes of the table to clients: the handler of the table's stream. */
export class LivePublisher {
  readonly #deps: PublisherPorts;
  readonly #sent = new RecentCache<true>(maxSent);

  constructor(deps: PublisherPorts) {
    this.#deps = deps;
  }

  /**
   * Throws before anything is sent; or if a client could neither be sent a message nor be disconnected, because it
   * would stay connected and miss this batch. Then the whole batch is delivered again, and messages that this process
   * has sent are not sent twice.
   */
  async publish(event: unknown): Promise<void> {
    const changes = changesIn(event);
    const prepared = this.#readable(changes, notificationOf).map((notification) => this.#prepared(notification));
    const revoked = new Set(this.#readable(changes, revokedBy));
    const marks = this.#readable(changes, markChangedIn);
    const notes = this.#readable(changes, ({ before, after }) => notedIn(before, after));
    const rolls = this.#readable(changes, ({ before, after }) => rollChangedIn(before, after));
    const erased = this.#readable(changes, newlyErased);
    if ([...prepared, ...revoked, ...marks, ...notes, ...rolls, ...erased].length === 0) return;
    if (prepared.length > 0) await this.#deps.gaps.noteIfLate(prepared.map(({ sequence }) => sequence));
    const failures: unknown[] = [];
    const connections = await this.#deps.connections.all();
    if (connections.length === 0) await this.#deps.connections.noteNone();
    await forEachLimit(connections, (connection) =>
      this.#serve(connection, { prepared, revoked, marks, notes, rolls, erased }).catch(
        (reason: unknown) => void failures.push(reason),
      ),
    );
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} subscribers could not be disconnected`);
    await this.#deps.counts.publish(connections);
  }

  /** The news of the changes. An unreadable row must not hold up all later ones, and could be sent to no client. */
  #readable<Told>(changes: readonly Changed[], toldBy: (change: Changed) => Told | null): Told[] {
    return changes.flatMap((change) => {
      try {
        return toldBy(change) ?? [];
      } catch (cause) {
        this.#deps.log.error("could not send change to live feed", { cause });
        return [];
      }
    });
  }

  #prepared({ stored, change, sequence }: Notification): Prepared {
    const { pictures, boxes, cursors, clock, counts } = this.#deps;
    if (change.before === null) counts.note(stored.box);
    const ports = { pictures, ...(boxes && { boxes }), clock, maxMessageBytes };
    const point = resumePointAt(stored.id, sequence, Math.max(...stored.reports.map(({ receivedAt }) => receivedAt)));
    const messagesAt = (at: ResumePoint) =>
      new LiveMessages(stored, change, { ...ports, cursor: () => cursors.of(at) });
    const messages = messagesAt(point);
    return {
      eventId: stored.id,
      sequence,
      messagesFor({ isBehind, after, owedFrom }) {
        if (!isBehind) return messages;
        const overlapMs = Math.max(0, timeOf(sequence) - timeOf(after));
        return messagesAt({ ...point, from: after, cursor: sequenceAt(owedFrom), overlapMs });
      },
    };
  }

  /**
   * A client that a message cannot reach is disconnected, reconnects and catches up. So are all clients if the stream
   * gives up a batch. Throws if it could not be disconnected.
   */
  async #serve(connection: Connection, { revoked, ...news }: News & { revoked: ReadonlySet<string> }): Promise<void> {
    try {
      const viewer = revoked.has(connection.keyId) ? null : await this.#deps.viewers.find(connection.tokenHash);
      const isToGo = viewer === null || viewer.isDue === true || isAbandoned(connection, this.#deps.clock());
      if (isToGo) await disconnect(connection.id, this.#deps);
      else if (!(await this.#notify(connection, boxesSeen(viewer), news)))
        await this.#deps.connections.remove(connection.id);
    } catch (cause) {
      this.#deps.log.warn("could not send to live-feed subscriber", { cause });
      await disconnect(connection.id, this.#deps).catch((reason: unknown) => {
        this.#deps.log.warn("could not disconnect live-feed subscriber", { cause: reason });
        throw reason;
      });
    }
  }

  /** Returns false if the connection is no longer open. */
  async #notify(
    connection: Connection,
    boxes: readonly string[] | null,
    { prepared, marks, notes, rolls, erased }: News,
  ): Promise<boolean> {
    const { id, configuration, after, upTo } = connection;
    if (configuration === null) return true;
    const limited = limitedTo(boxes, configuration);
    const first = [...markMessages(limited, marks), ...noteMessages(limited, notes), ...rollMessages(limited, rolls)];
    if (!(await this.#sendAll(id, first))) return false;
    for (const { eventId, sequence, messagesFor } of prepared) {
      const isCaughtUpWith = sequence > after && sequence <= upTo;
      const name = `${id} ${sequence}`;
      const now = this.#deps.clock();
      if (isCaughtUpWith || this.#sent.find(name, now - rememberedFor)) continue;
      const message = await messagesFor(connection).for(limited);
      if (message === null) continue;
      await this.#noteOwed(connection, eventId);
      if (!(await this.#deps.sockets.send(id, message))) return false;
      this.#sent.note(name, true, now);
    }
    // Sent last: a batch may also contain an event that is erased in it.
    return this.#sendAll(id, erasedMessages(limited, erased));
  }

  /** Returns false if the connection is no longer open. */
  async #sendAll(id: string, messages: readonly Buffer[]): Promise<boolean> {
    for (const message of messages) if (!(await this.#deps.sockets.send(id, message))) return false;
    return true;
  }

  /** Only for a client that names events: the cursor of a message covers the same. */
  async #noteOwed({ keyId, configuration, isBehind, owedFrom }: Connection, eventId: string): Promise<void> {
    if (!isBehind || !isEventId(configuration?.since ?? "")) return;
    await this.#deps.gaps.notePushed({ keyId, eventId }, owedFrom);
  }
}
