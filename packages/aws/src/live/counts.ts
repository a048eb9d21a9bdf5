import type { Viewers } from "@gatepost/core/accounts";
import { boxesSeen } from "@gatepost/core/keys";
import { countsEveryMs, countsMessage, type LiveCountsReader, liveCounts, type PassingRate } from "@gatepost/core/live";
import type { Log } from "@gatepost/core/log";
import { type SharedCounts, Zone } from "@gatepost/core/statistics";
import { between, not } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { forEachLimit } from "../dynamo/groups.ts";
import { skewMs } from "../dynamo/monotonic-clock.ts";
import type { Connection } from "./connections.ts";
import type { Sockets } from "./sockets.ts";

/** The row with the time at which any process last sent counts. */
const countsRow = "live counts";

interface Deps {
  dynamo: Dynamo;
  sockets: Sockets;
  counts: Pick<SharedCounts, "live">;
  viewers: Pick<Viewers, "find">;
  /** How many events this process has sent. */
  rate: PassingRate;
  log: Log;
  clock(): number;
}

/**
 * Sends counts to clients that asked for them. There are no timers here, so they are sent with the next event, by one
 * of all processes every five seconds. A failure does not hold up events.
 */
export class LiveCountsPublisher {
  readonly #deps: Deps;
  readonly #counts: LiveCountsReader;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#counts = liveCounts({ ...deps, zone: Zone.utc });
  }

  /** Sends the counts if they are due. */
  async publish(connections: readonly Connection[]): Promise<void> {
    const asking = connections.filter(({ configuration }) => configuration?.counts === true);
    const now = this.#deps.clock();
    if (asking.length === 0 || now - this.#triedAt < countsEveryMs) return;
    this.#triedAt = now;
    await this.#orSay(async () => {
      if (await this.#takeTurn(now)) await forEachLimit(asking, (connection) => this.#serve(connection));
    });
  }

  /** Sends the counts to a client that has just asked for them. */
  async welcome(connectionId: string, seen: readonly string[] | null): Promise<void> {
    await this.#orSay(() => this.#send(connectionId, seen));
  }

  /** Notes an event, to count how many come in a second. */
  note(box: string): void {
    this.#deps.rate.note(box);
  }

  async #serve({ id, tokenHash }: Connection): Promise<void> {
    await this.#orSay(async () => {
      const viewer = await this.#deps.viewers.find(tokenHash);
      if (viewer !== null) await this.#send(id, boxesSeen(viewer));
    });
  }

  async #takeTurn(now: number): Promise<boolean> {
    const { applied } = await this.#deps.dynamo.update({
      pk: countsRow,
      set: { sentAt: now },
      // A row that is broken, or of a clock that is far ahead, must not keep counts from being sent.
      when: not(between("sentAt", now - countsEveryMs + 1, now + skewMs)),
    });
    return applied;
  }

  async #send(id: string, seen: readonly string[] | null): Promise<void> {
    await this.#deps.sockets.send(id, countsMessage(await this.#counts.read(seen)));
  }

  async #orSay(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.#deps.log.warn("counts not sent to the live feed", { cause });
    }
  }
}
