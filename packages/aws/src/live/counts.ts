import type { Log } from "@gatepost/ingest";
import { countsEveryMs, countsMessage, type LiveCountsReader } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { forEachLimit } from "../dynamo/for-each-limit.ts";
import type { Connection } from "./connections.ts";
import type { Sockets } from "./sockets.ts";

/** The row that says when counts were sent last, by whichever process. */
const countsRow = "live counts";

interface Deps {
  dynamo: Dynamo;
  sockets: Sockets;
  counts: LiveCountsReader;
  log: Log;
  clock(): number;
}

/**
 * Sends counts to the subscribers that asked for them. Nothing runs unasked here, so they are sent with the next event,
 * and by one of all processes every five seconds. Counts that cannot be sent hold up no event.
 */
export class LiveCountsPublisher {
  readonly #deps: Deps;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Sends the counts where they are due. */
  async publish(connections: readonly Connection[]): Promise<void> {
    const asking = connections.filter(({ configuration }) => configuration?.counts === true);
    const now = this.#deps.clock();
    if (asking.length === 0 || now - this.#triedAt < countsEveryMs) return;
    this.#triedAt = now;
    await this.#orSay(async () => {
      if (await this.#isTurn(now)) await this.#send(asking.map(({ id }) => id));
    });
  }

  /** Sends the counts to a subscriber that has just asked for them. */
  async welcome(connectionId: string): Promise<void> {
    await this.#orSay(() => this.#send([connectionId]));
  }

  async #isTurn(now: number): Promise<boolean> {
    const { applied } = await this.#deps.dynamo.update({
      pk: countsRow,
      set: { sentAt: now },
      condition: "attribute_not_exists(#sentAt) OR #sentAt <= :before",
      values: { before: now - countsEveryMs },
    });
    return applied;
  }

  async #send(ids: readonly string[]): Promise<void> {
    const message = countsMessage(await this.#deps.counts.read());
    await forEachLimit(ids, (id) => this.#orSay(() => this.#deps.sockets.send(id, message)));
  }

  async #orSay(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.#deps.log.warn("counts not sent to the live feed", { cause });
    }
  }
}
