import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/ingest";
import { type ApiPorts, type Change, changeBy, type LiveConfiguration, newsOf } from "@gatepost/query";
import { momentAt } from "../dynamo/monotonic-clock.ts";
import type { Connection, LiveConnections } from "./connections.ts";
import type { LiveGaps } from "./delivery-gaps.ts";
import { letGo } from "./disconnect.ts";
import { LiveMessages } from "./messages.ts";
import { missedOf, type Since, widened } from "./resume-point.ts";
import type { Sockets } from "./sockets.ts";

const atOnce = 50;

/** ms between two looks at the end of the feed, and after the handover until what was written before it can be read. */
const again = 500;
const settlesIn = 1500;

/** ms for which a reader is caught up with: API Gateway takes a message for lost after 29 s. */
const longest = 24_000;

export interface CatchUpPorts {
  connections: LiveConnections;
  sockets: Sockets;
  gaps: LiveGaps;
  reads: Pick<ApiPorts, "events" | "feed" | "pictures">;
  log: Log;
  clock(): number;
}

interface Asked {
  configuration: LiveConfiguration;
  since: Since;
  /** From when on (ms) the push tells it. */
  until: number;
}

/**
 * Sends a reader what has come since and up to the moment from which on the push tells it. Who is so far behind that this
 * takes too long is let go: it comes again with the last event that it has.
 */
export async function catchUp(connection: Connection, asked: Asked, on: CatchUpPorts): Promise<void> {
  const end = on.clock() + longest;
  const reader = new BehindReader(connection, asked, on);
  while (on.clock() <= end) if (!(await reader.getsOn())) return;
  on.log.warn("a reader of the live feed is too far behind to be brought up to date at once");
  await reader.comesAgain();
}

/** A reader that is brought up to date, step by step through the feed of changes. */
class BehindReader {
  readonly #connection: Connection;
  readonly #asked: Asked;
  readonly #on: CatchUpPorts;
  /** The changes that it was told of, by their events. */
  readonly #told = new Map<string, string>();
  #since: Since;
  #place: string;
  /** The event that it was told of last. */
  #last: string | null = null;

  constructor(connection: Connection, asked: Asked, on: CatchUpPorts) {
    this.#connection = connection;
    this.#asked = asked;
    this.#on = on;
    this.#since = asked.since;
    this.#place = momentAt(asked.since.from);
  }

  /** Returns false when it is up to date, gone, or has asked for something else. */
  async getsOn(): Promise<boolean> {
    const { connections, reads, clock, gaps } = this.#on;
    const now = clock();
    const { items, next, isEnd } = await reads.feed.read(this.#place, atOnce);
    if (!(await this.#tell(items))) {
      await connections.remove(this.#connection.id);
      return false;
    }
    const current = await connections.find(this.#connection.id);
    if (current?.version !== this.#connection.version) return false;
    this.#place = next;
    if (isEnd && now > this.#asked.until + settlesIn) return this.#startsEarlier(await widened(this.#since, gaps));
    if (isEnd) await pause(again);
    return true;
  }

  async comesAgain(): Promise<void> {
    const { id, keyId } = this.#connection;
    if (this.#last !== null) await this.#on.gaps.passed({ keyId, eventId: this.#last });
    await letGo(id, this.#on);
  }

  #startsEarlier(since: Since | null): boolean {
    if (since === null) return false;
    this.#since = since;
    this.#place = momentAt(since.from);
    return true;
  }

  /** Returns false where it is not there any more. */
  async #tell(items: readonly Change[]): Promise<boolean> {
    for (const item of items) {
      if (this.#told.get(item.event.id) === item.changed) continue;
      this.#told.set(item.event.id, item.changed);
      const text = await this.#textOf(item);
      if (text === null) continue;
      if (!(await this.#on.sockets.send(this.#connection.id, text))) return false;
      this.#last = item.event.id;
    }
    return true;
  }

  /** What a change is to the reader; null where it is nothing, or the push's business. */
  async #textOf(item: Change): Promise<string | null> {
    const { event, made, changed } = item;
    const { configuration, until } = this.#asked;
    const handedOver = momentAt(until);
    const isNew = made > momentAt(this.#since.from);
    if (made > handedOver || (!isNew && changed > handedOver)) return null;
    const change = changeBy(event, missedOf(item, this.#since));
    const news = newsOf(change, configuration);
    return news && new LiveMessages(event, change.event, this.#on.reads.pictures).as(configuration.form, news.isUpdate);
  }
}
