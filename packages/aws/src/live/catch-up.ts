import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/ingest";
import { type ApiPorts, type Change, caughtUpMessage, type LiveConfiguration, MissedChanges } from "@gatepost/query";
import { sequenceAt } from "../dynamo/monotonic-clock.ts";
import { settlesIn } from "../events/change-feed.ts";
import type { Connection, LiveConnections } from "./connections.ts";
import type { DeliveryGaps } from "./delivery-gaps.ts";
import { disconnect } from "./disconnect.ts";
import { type GapResumePoint, widened } from "./resume-point.ts";
import { maxMessageBytes, type Sockets } from "./sockets.ts";

/** ms between two reads at the end of the feed. */
const again = 500;

/** ms for which a subscriber may catch up: API Gateway gives a message up after 29 s. */
const timeoutMs = 24_000;

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
  /** The time (ms) from which on the publisher sends it changes. */
  until: number;
}

/**
 * Sends a subscriber what it has missed, up to the time from which on the publisher sends it changes. One that is so
 * far behind that this takes too long is disconnected; it reconnects with the last event that it has.
 */
export async function catchUp(connection: Connection, asked: Asked, deps: CatchUpPorts): Promise<void> {
  const end = deps.clock() + timeoutMs;
  const subscriber = new BehindSubscriber(connection, asked, deps);
  while (deps.clock() <= end) if (!(await subscriber.getsOn())) return;
  deps.log.warn("a reader of the live feed is too far behind to be brought up to date at once");
  await subscriber.comesAgain();
}

/** A subscriber that catches up, step by step through the feed of changes. */
class BehindSubscriber {
  readonly #connection: Connection;
  readonly #asked: Asked;
  readonly #deps: CatchUpPorts;
  readonly #missed: MissedChanges;
  /** The changes that were sent to it, by event: what is not settled yet is read again. */
  readonly #sent = new Map<string, string>();
  #since: GapResumePoint;
  /** The last event that was sent to it. */
  #last: string | null = null;

  constructor(connection: Connection, asked: Asked, deps: CatchUpPorts) {
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

  /** Does one step. Returns false when it has caught up, has disconnected, or has sent another configuration. */
  async getsOn(): Promise<boolean> {
    const { connections, clock, gaps } = this.#deps;
    const now = clock();
    const { changes, isEnd } = await this.#missed.read();
    if (!(await this.#tell(changes))) {
      await connections.remove(this.#connection.id);
      return false;
    }
    const current = await connections.find(this.#connection.id);
    if (current?.version !== this.#connection.version) return false;
    if (isEnd && now > this.#asked.until + settlesIn)
      return this.#startsEarlierOrEnds(await widened(this.#since, gaps));
    if (isEnd) await pause(again);
    return true;
  }

  async comesAgain(): Promise<void> {
    const { id, keyId } = this.#connection;
    if (this.#last !== null) await this.#deps.gaps.checkpoint({ keyId, eventId: this.#last });
    await disconnect(id, this.#deps);
  }

  async #startsEarlierOrEnds(since: GapResumePoint | null): Promise<boolean> {
    if (since === null) {
      const message = caughtUpMessage(this.#asked.configuration);
      if (message !== null) await this.#deps.sockets.send(this.#connection.id, message);
      return false;
    }
    this.#since = since;
    this.#missed.restart(since);
    return true;
  }

  /** Returns false where it is not connected any more. */
  async #tell(changes: readonly Change[]): Promise<boolean> {
    for (const change of changes) {
      if (this.#sent.get(change.event.id) === change.changed) continue;
      this.#sent.set(change.event.id, change.changed);
      const message = this.#isPushed(change) ? null : await this.#missed.messageOf(change);
      if (message === null) continue;
      if (!(await this.#deps.sockets.send(this.#connection.id, message))) return false;
      this.#last = change.event.id;
    }
    return true;
  }

  /** Whether the publisher sends a change, because it was made after the handover. */
  #isPushed({ made, changed }: Change): boolean {
    const handedOver = sequenceAt(this.#asked.until);
    const isNew = made > this.#since.from;
    return made > handedOver || (!isNew && changed > handedOver);
  }
}
