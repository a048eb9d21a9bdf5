import { setTimeout as pause } from "node:timers/promises";
import type { ApiPorts } from "@gatepost/api";
import type { Change, ChangeFeed } from "@gatepost/core/events";
import {
  caughtUpMessage,
  cursorMessage,
  type LiveConfiguration,
  type LiveCursors,
  MissedChanges,
} from "@gatepost/core/live";
import type { Log } from "@gatepost/core/log";
import { forEachLimit } from "../dynamo/groups.ts";
import { sequenceAt, skewMs, timeOf } from "../dynamo/monotonic-clock.ts";
import type { DynamoChangeFeed } from "../events/change-feed.ts";
import { overtakenMs, settleMs } from "../events/heartbeats.ts";
import { type Connection, type LiveConnections, listedWithinMs } from "./connections.ts";
import { type DeliveryGaps, type FeedPosition, maxOvertakingMs } from "./delivery-gaps.ts";
import { type GapResumePoint, widened } from "./resume-point.ts";
import { disconnect, maxMessageBytes, type Sockets } from "./sockets.ts";

/** ms between two reads at the end of the feed. */
const pollEveryMs = 500;

/** Most ms for which a client may catch up: API Gateway ends the handling of a message after 29 s. */
const timeoutMs = 24_000;

/**
 * ms until the publisher takes over from catching up. Within 2 s every publishing process finds the connection in the
 * index, or it is disconnected. Events that they do not publish until then have no later sequence than this, whichever
 * clock gave it.
 */
const handoverMs = listedWithinMs + skewMs;

/** ms that a client needs from first seeing the end of the feed until it has caught up. */
const finishingMs = handoverMs + settleMs + 2 * pollEveryMs;

export interface CatchUpPorts {
  connections: LiveConnections;
  sockets: Sockets;
  gaps: DeliveryGaps;
  cursors: LiveCursors;
  reads: Pick<ApiPorts, "events" | "pictures" | "boxes"> & { feed: ChangeFeed & Pick<DynamoChangeFeed, "heartbeats"> };
  log: Log;
  clock(): number;
}

interface Asked {
  configuration: LiveConfiguration;
  since: GapResumePoint;
  /** ms since 1970 when it asked. */
  at: number;
}

/**
 * Sends a client the events that it has missed. The publisher takes over only when the client has got all of them. So
 * published events come after the missed ones, and the client can always continue after its last event. A client that
 * is so far behind that this takes too long is disconnected; it reconnects and continues.
 */
export async function catchUp(connection: Connection, asked: Asked, deps: CatchUpPorts): Promise<void> {
  const end = asked.at + timeoutMs;
  const subscriber = new BehindSubscriber(connection, asked, { ...deps, end });
  while (deps.clock() <= end) if (!(await subscriber.step())) return;
  await subscriber.giveUp();
}

/** A client that catches up, step by step through the feed of changes. */
class BehindSubscriber {
  #connection: Connection;
  readonly #asked: Asked;
  readonly #deps: CatchUpPorts & { end: number };
  readonly #missed: MissedChanges;
  /** The changes that were sent, by event: unsettled changes are read again. */
  readonly #sent = new Map<string, string>();
  #since: GapResumePoint;
  /** The cursor up to which everything was sent to the client; null before the first page. */
  #toldUpTo: string | null = null;
  /** The sequence up to which it gets everything until the end of the feed; null before the first page. */
  #settled: string | null = null;
  /** The last event that was sent to it. */
  #last: string | null = null;
  /**
   * The time (ms since 1970) from which the publisher sends changes; null until the client has seen the end of the
   * feed.
   */
  #until: number | null = null;

  /** @param deps `end`: the time (ms since 1970) at which it must have caught up */
  constructor(connection: Connection, asked: Asked, deps: CatchUpPorts & { end: number }) {
    this.#connection = connection;
    this.#asked = asked;
    this.#deps = deps;
    this.#since = asked.since;
    const { feed, pictures, boxes } = deps.reads;
    const { cursors, clock } = deps;
    this.#missed = new MissedChanges(asked.since, asked.configuration, {
      feed,
      pictures,
      boxes,
      cursors,
      clock,
      maxMessageBytes,
    });
  }

  /**
   * Reads and sends the next changes. Returns whether there is more to do: not when the client has caught up,
   * disconnected or sent another configuration.
   */
  async step(): Promise<boolean> {
    const { connections, reads, gaps } = this.#deps;
    this.#settled ??= latest(await reads.feed.heartbeats.recent(), this.#since.from);
    const settled = this.#settled;
    const { changes, isEnd } = await this.#missed.read();
    const told = await this.#tell(changes, settled);
    if (told === "gone") await connections.remove(this.#connection.id);
    if (told === "in part") await this.giveUp();
    if (told !== "whole") return false;
    this.#toldUpTo = this.#missed.cursor;
    const current = await connections.find(this.#connection.id);
    if (current?.version !== this.#connection.version) return false;
    if (!isEnd) return true;
    this.#settled = null;
    if (this.#until === null) return this.#handOver(settled);
    if (settled > sequenceAt(this.#until)) return this.#restartOrFinish(await widened(this.#since, gaps), this.#until);
    await this.#renewHeartbeats(this.#until);
    await pause(pollEveryMs);
    return true;
  }

  /**
   * Disconnects it, so that it reconnects with the last cursor or event that it has. If only a part of a page was sent,
   * it gets that page again; without a page before that, the events after its last one.
   */
  async giveUp(): Promise<void> {
    this.#deps.log.warn("live-feed subscriber too far behind to be brought up to date at once, disconnected");
    const cursor = this.#toldUpTo;
    if (cursor !== null) {
      await this.#noteRead({ from: timeOf(this.#since.from), cursor });
      if (this.#last === null) await this.#noteSearched(cursor);
    }
    await disconnect(this.#connection.id, this.#deps);
  }

  /**
   * A client that was sent no event continues at the end of the search. It is sent the cursor of that, if its form has
   * a message for it. Otherwise the end is noted for the cursor that it will send again.
   */
  async #noteSearched(cursor: string): Promise<void> {
    const { cursors, sockets, gaps } = this.#deps;
    const { sentPlace: place, keyId, asked } = this.#since;
    const message = cursorMessage(this.#asked.configuration, cursors.of({ ...this.#since, cursor }));
    if (message !== null) await sockets.send(this.#connection.id, message);
    else if (place !== null) await gaps.noteSearched({ keyId, asked, place }, cursor);
  }

  async #noteRead(place: FeedPosition): Promise<void> {
    const { eventId, sentPlace, ...since } = this.#since;
    if (sentPlace === null) await this.#deps.gaps.noteRead({ ...since, eventId: this.#last ?? eventId }, place);
  }

  /**
   * Lets the publisher take over. A client that saw the end of the feed too late reconnects, and then has all the time
   * again. So does a client that the index of connections hides: publishers would not send it the next events. Returns
   * the same as `step`.
   *
   * @param settled the sequence up to which it has got everything
   */
  async #handOver(settled: string): Promise<boolean> {
    const { connections, clock, end } = this.#deps;
    const now = clock();
    if (now + finishingMs > end) {
      await this.giveUp();
      return false;
    }
    const until = now + handoverMs;
    const handedOver = await connections.handOver(this.#connection, sequenceAt(until), timeOf(settled));
    if (handedOver === null) return false;
    this.#connection = handedOver;
    this.#until = until;
    const shown = await connections.waitUntilListed(handedOver, now);
    if (shown === "hidden") await this.giveUp();
    return shown === "listed";
  }

  /** Renews the heartbeats of the feed if that settles a time (ms since 1970): the feed may have no other reader. */
  async #renewHeartbeats(until: number): Promise<void> {
    const { heartbeats } = this.#deps.reads.feed;
    const wanted = until + overtakenMs;
    if (this.#deps.clock() > wanted && (await heartbeats.oldest()) <= wanted) await heartbeats.renew();
  }

  /** Returns the same as `step`. @param until the time (ms since 1970) up to which it has got everything */
  async #restartOrFinish(since: GapResumePoint | null, until: number): Promise<boolean> {
    if (since === null) {
      await this.#noteRead({ from: until - maxOvertakingMs, cursor: sequenceAt(until) });
      if (!(await this.#deps.connections.noteCaughtUp(this.#connection))) return false;
      const { eventId } = this.#since;
      const place = { made: sequenceAt(until), from: sequenceAt(until), cursor: sequenceAt(until) };
      const point = { ...place, eventId, receivedAt: until, overlapMs: maxOvertakingMs };
      const message = caughtUpMessage(this.#asked.configuration, this.#deps.cursors.of(point));
      if (message !== null) await this.#deps.sockets.send(this.#connection.id, message);
      return false;
    }
    this.#since = since;
    this.#toldUpTo = since.cursor;
    this.#missed.restart(since);
    return true;
  }

  /**
   * Sends it changes, of one at least. Returns `in part` if that takes longer than there is time: the function would be
   * killed in the middle, and the connection would be left without a sender. Returns `gone` if it is not connected any
   * more.
   *
   * @param settled the sequence up to which it has got, or now gets, everything
   */
  async #tell(changes: readonly Change[], settled: string): Promise<"whole" | "in part" | "gone"> {
    const unsent = changes.filter((change) => this.#sent.get(change.event.id) !== change.changed);
    const messages = await this.#messagesFor(unsent);
    const named = this.#since.sentPlace === null ? [...messages] : [];
    const told = named.flatMap(([change, message]) => (message === null ? [] : [change]));
    await this.#noteTold(told, timeOf(settled));
    for (const [index, [change, message]] of [...messages].entries()) {
      if (index > 0 && this.#isOver()) return "in part";
      this.#sent.set(change.event.id, change.changed);
      if (message === null) continue;
      if (!(await this.#deps.sockets.send(this.#connection.id, message))) return "gone";
      this.#last = change.event.id;
    }
    return messages.size === unsent.length ? "whole" : "in part";
  }

  /** The messages for changes, as far as there is time; null for those that do not concern it. */
  async #messagesFor(changes: readonly Change[]): Promise<Map<Change, Buffer | null>> {
    const messages = new Map<Change, Buffer | null>();
    for (const change of changes) {
      if (messages.size > 0 && this.#isOver()) break;
      messages.set(change, this.#isPushed(change) ? null : await this.#missed.messageOf(change));
    }
    return messages;
  }

  #isOver(): boolean {
    return this.#deps.clock() > this.#deps.end;
  }

  /** The connection may end at any of these events. */
  async #noteTold(changes: readonly Change[], settled: number): Promise<void> {
    const { gaps } = this.#deps;
    const { keyId } = this.#connection;
    const from = timeOf(this.#since.from);
    await forEachLimit(changes, async ({ event, made }) => {
      const told = { keyId, eventId: event.id };
      await gaps.noteTold(told, from);
      if (settled < timeOf(made) - settleMs) await gaps.noteSettled(told, settled);
    });
  }

  /** Whether the publisher sends the change, because it was made after the handover. */
  #isPushed({ made, changed }: Change): boolean {
    if (this.#until === null) return false;
    const handedOver = sequenceAt(this.#until);
    const isNew = made > this.#since.from;
    return made > handedOver || (!isNew && changed > handedOver);
  }
}

function latest(one: string, other: string): string {
  return one > other ? one : other;
}
