import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/ingest";
import { type ApiPorts, type Change, caughtUpMessage, type LiveConfiguration, MissedChanges } from "@gatepost/query";
import { forEachLimit } from "../dynamo/for-each-limit.ts";
import { sequenceAt, skewMs, timeOf } from "../dynamo/monotonic-clock.ts";
import { settleMs } from "../events/change-feed.ts";
import type { Connection, LiveConnections } from "./connections.ts";
import { type DeliveryGaps, type FeedPosition, maxOvertakingMs } from "./delivery-gaps.ts";
import { disconnect } from "./disconnect.ts";
import { type GapResumePoint, widened } from "./resume-point.ts";
import { maxMessageBytes, type Sockets } from "./sockets.ts";

/** ms between two reads at the end of the feed. */
const pollEveryMs = 500;

/** ms for which a subscriber may catch up: API Gateway gives a message up after 29 s. */
const timeoutMs = 24_000;

/**
 * ms until the publisher takes over from catching up. Every process that publishes finds the connection in the index
 * within 2 s, and what they do not publish until then has no later sequence than this, whosever clock gave it.
 */
const handoverMs = 2000 + skewMs;

/** A subscriber that was handed over is told late what it is told so many ms after it was made. */
const lateAfterMs = 1000;

/** ms that a subscriber needs from its first sight of the feed's end until it has caught up. */
const finishingMs = handoverMs + settleMs + 2 * pollEveryMs;

export interface CatchUpPorts {
  connections: LiveConnections;
  sockets: Sockets;
  gaps: DeliveryGaps;
  reads: Pick<ApiPorts, "events" | "feed" | "pictures" | "boxes">;
  log: Log;
  clock(): number;
}

interface Asked {
  configuration: LiveConfiguration;
  since: GapResumePoint;
  /** When it asked, ms. */
  at: number;
}

/**
 * Sends a subscriber what it has missed. The publisher takes over only when it has got everything that was there: what
 * is published comes behind all that it missed, so it can always go on after the last event that it has. One that is so
 * far behind that this takes too long is disconnected; it reconnects with that event.
 */
export async function catchUp(connection: Connection, asked: Asked, deps: CatchUpPorts): Promise<void> {
  const end = asked.at + timeoutMs;
  const subscriber = new BehindSubscriber(connection, asked, { ...deps, end });
  while (deps.clock() <= end) if (!(await subscriber.step())) return;
  await subscriber.giveUp();
}

/** A subscriber that catches up, step by step through the feed of changes. */
class BehindSubscriber {
  #connection: Connection;
  readonly #asked: Asked;
  readonly #deps: CatchUpPorts & { end: number };
  readonly #missed: MissedChanges;
  /** The changes that were sent to it, by event: what is not settled yet is read again. */
  readonly #sent = new Map<string, string>();
  #since: GapResumePoint;
  /** The cursor up to which it was told of all; null while it was told of no page. */
  #toldUpTo: string | null = null;
  /** The last event that was sent to it. */
  #last: string | null = null;
  /** The time (ms) from which on the publisher sends it changes; null until it has seen the feed's end. */
  #until: number | null = null;
  /** The time (ms) from which on a gap is noted, because the publisher may tell it first what was made later. */
  #gapFrom = Number.POSITIVE_INFINITY;

  /** @param deps `end`: the time (ms) at which it must have caught up */
  constructor(connection: Connection, asked: Asked, deps: CatchUpPorts & { end: number }) {
    this.#connection = connection;
    this.#asked = asked;
    this.#deps = deps;
    this.#since = asked.since;
    const { feed, pictures, boxes } = deps.reads;
    const { clock } = deps;
    this.#missed = new MissedChanges(asked.since, asked.configuration, {
      feed,
      pictures,
      boxes,
      clock,
      maxMessageBytes,
    });
  }

  /**
   * Reads and sends what comes next. Returns whether there is more to do: not when it has caught up, has disconnected, or has
   * sent another configuration.
   */
  async step(): Promise<boolean> {
    const { connections, clock, gaps } = this.#deps;
    const now = clock();
    const { changes, isEnd } = await this.#missed.read();
    const told = await this.#tell(changes);
    if (told === "gone") await connections.remove(this.#connection.id);
    if (told === "in part") await this.giveUp();
    if (told !== "whole") return false;
    this.#toldUpTo = this.#missed.cursor;
    const current = await connections.find(this.#connection.id);
    if (current?.version !== this.#connection.version) return false;
    if (!isEnd) return true;
    if (this.#until === null) return this.#handOver();
    if (now > this.#until + settleMs) return this.#restartOrFinish(await widened(this.#since, gaps), this.#until);
    await pause(pollEveryMs);
    return true;
  }

  /**
   * Disconnects it, so that it comes again with the last event that it has. Of a page that it was told of in part it gets
   * all again; without a page before that, what comes after its last event.
   */
  async giveUp(): Promise<void> {
    this.#deps.log.warn("a subscriber of the live feed is too far behind to be brought up to date at once");
    const cursor = this.#toldUpTo;
    if (cursor !== null) await this.#noteRead({ from: timeOf(this.#since.from), cursor });
    await disconnect(this.#connection.id, this.#deps);
  }

  #noteRead(place: FeedPosition): Promise<void> {
    const { eventId, ...since } = this.#since;
    return this.#deps.gaps.noteRead({ ...since, eventId: this.#last ?? eventId }, place);
  }

  /** Has the publisher take over. One that saw the feed's end too late comes again, with all the time there is. Returns as `step`. */
  async #handOver(): Promise<boolean> {
    const { connections, clock, end } = this.#deps;
    const now = clock();
    if (now + finishingMs > end) {
      await this.giveUp();
      return false;
    }
    const until = now + handoverMs;
    const handedOver = await connections.handOver(this.#connection, sequenceAt(until));
    if (handedOver === null) return false;
    this.#connection = handedOver;
    this.#until = until;
    return true;
  }

  /** Returns as `step`. @param until the time (ms) up to which it was told of all */
  async #restartOrFinish(since: GapResumePoint | null, until: number): Promise<boolean> {
    if (since === null) {
      await this.#noteRead({ from: until - maxOvertakingMs, cursor: sequenceAt(until) });
      const message = caughtUpMessage(this.#asked.configuration);
      if (message !== null) await this.#deps.sockets.send(this.#connection.id, message);
      return false;
    }
    this.#since = since;
    this.#toldUpTo = since.cursor;
    this.#missed.restart(since);
    return true;
  }

  /**
   * Tells it of changes, of one at least. `in part` where that takes longer than there is time: the function would be ended
   * in the middle, and leave it connected to nobody. `gone` where it is not connected any more.
   */
  async #tell(changes: readonly Change[]): Promise<"whole" | "in part" | "gone"> {
    const unsent = changes.filter((change) => this.#sent.get(change.event.id) !== change.changed);
    const messages = await this.#messagesFor(unsent);
    await this.#noteTold([...messages].flatMap(([change, message]) => (message === null ? [] : [change])));
    for (const [index, [change, message]] of [...messages].entries()) {
      if (index > 0 && this.#isOver()) return "in part";
      if (this.#until !== null) await this.#noteIfLate(unsent.slice(index));
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

  /** It may be cut off at any of these. */
  #noteTold(changes: readonly Change[]): Promise<void> {
    const { keyId } = this.#connection;
    const from = timeOf(this.#since.from);
    return forEachLimit(changes, ({ event }) => this.#deps.gaps.noteTold({ keyId, eventId: event.id }, from));
  }

  async #noteIfLate(unsent: readonly Change[]): Promise<void> {
    const oldest = Math.min(...unsent.map(({ changed }) => timeOf(changed)));
    if (oldest >= this.#gapFrom || this.#deps.clock() - oldest <= lateAfterMs) return;
    await this.#deps.gaps.note(oldest);
    this.#gapFrom = oldest;
  }

  /** Whether the publisher sends a change, because it was made after the handover. */
  #isPushed({ made, changed }: Change): boolean {
    if (this.#until === null) return false;
    const handedOver = sequenceAt(this.#until);
    const isNew = made > this.#since.from;
    return made > handedOver || (!isNew && changed > handedOver);
  }
}
