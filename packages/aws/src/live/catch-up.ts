import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/ingest";
import { type ApiPorts, type Change, changeBy, type LiveConfiguration, notificationFor } from "@gatepost/query";
import { sequenceAt } from "../dynamo/monotonic-clock.ts";
import type { Connection, LiveConnections } from "./connections.ts";
import type { DeliveryGaps } from "./delivery-gaps.ts";
import { disconnect } from "./disconnect.ts";
import { LiveMessages } from "./messages.ts";
import { isMissed, type ResumePoint, widened } from "./resume-point.ts";
import type { Sockets } from "./sockets.ts";

const pageSize = 50;

/** ms between two looks at the end of the feed, and after the handover until what was written before it can be read. */
const again = 500;
const settlesIn = 1500;

/** ms for which a reader is caught up with: API Gateway takes a message for lost after 29 s. */
const timeoutMs = 24_000;

export interface CatchUpPorts {
  connections: LiveConnections;
  sockets: Sockets;
  gaps: DeliveryGaps;
  reads: Pick<ApiPorts, "events" | "feed" | "pictures">;
  log: Log;
  clock(): number;
}

interface Asked {
  configuration: LiveConfiguration;
  since: ResumePoint;
  /** From when on (ms) the push tells it. */
  until: number;
}

/**
 * Sends a reader what has come since and up to the moment from which on the push tells it. Who is so far behind that this
 * takes too long is let go: it comes again with the last event that it has.
 */
export async function catchUp(connection: Connection, asked: Asked, deps: CatchUpPorts): Promise<void> {
  const end = deps.clock() + timeoutMs;
  const subscriber = new BehindSubscriber(connection, asked, deps);
  while (deps.clock() <= end) if (!(await subscriber.getsOn())) return;
  deps.log.warn("a reader of the live feed is too far behind to be brought up to date at once");
  await subscriber.comesAgain();
}

/** A reader that is brought up to date, step by step through the feed of changes. */
class BehindSubscriber {
  readonly #connection: Connection;
  readonly #asked: Asked;
  readonly #deps: CatchUpPorts;
  /** The changes that it was told of, by their events. */
  readonly #sent = new Map<string, string>();
  #since: ResumePoint;
  #cursor: string;
  /** The event that it was told of last. */
  #last: string | null = null;

  constructor(connection: Connection, asked: Asked, deps: CatchUpPorts) {
    this.#connection = connection;
    this.#asked = asked;
    this.#deps = deps;
    this.#since = asked.since;
    this.#cursor = sequenceAt(asked.since.from);
  }

  /** Returns false when it is up to date, gone, or has asked for something else. */
  async getsOn(): Promise<boolean> {
    const { connections, reads, clock, gaps } = this.#deps;
    const now = clock();
    const { items, next, isEnd } = await reads.feed.read(this.#cursor, pageSize);
    if (!(await this.#tell(items))) {
      await connections.remove(this.#connection.id);
      return false;
    }
    const current = await connections.find(this.#connection.id);
    if (current?.version !== this.#connection.version) return false;
    this.#cursor = next;
    if (isEnd && now > this.#asked.until + settlesIn) return this.#startsEarlier(await widened(this.#since, gaps));
    if (isEnd) await pause(again);
    return true;
  }

  async comesAgain(): Promise<void> {
    const { id, keyId } = this.#connection;
    if (this.#last !== null) await this.#deps.gaps.checkpoint({ keyId, eventId: this.#last });
    await disconnect(id, this.#deps);
  }

  #startsEarlier(since: ResumePoint | null): boolean {
    if (since === null) return false;
    this.#since = since;
    this.#cursor = sequenceAt(since.from);
    return true;
  }

  /** Returns false where it is not there any more. */
  async #tell(items: readonly Change[]): Promise<boolean> {
    for (const item of items) {
      if (this.#sent.get(item.event.id) === item.changed) continue;
      this.#sent.set(item.event.id, item.changed);
      const text = await this.#textOf(item);
      if (text === null) continue;
      if (!(await this.#deps.sockets.send(this.#connection.id, text))) return false;
      this.#last = item.event.id;
    }
    return true;
  }

  /** What a change is to the reader; null where it is nothing, or the push's business. */
  async #textOf(item: Change): Promise<string | null> {
    const { event, made, changed } = item;
    const { configuration, until } = this.#asked;
    const handedOver = sequenceAt(until);
    const isNew = made > sequenceAt(this.#since.from);
    if (made > handedOver || (!isNew && changed > handedOver)) return null;
    const change = changeBy(event, isMissed(item, this.#since));
    const notification = notificationFor(change, configuration);
    return (
      notification &&
      new LiveMessages(event, change.event, this.#deps.reads.pictures).as(configuration.form, notification.isUpdate)
    );
  }
}
