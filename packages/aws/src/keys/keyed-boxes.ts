import type { KeyedBoxes } from "@gatepost/query";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import * as lists from "../dynamo/lists.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";
import { keyRow } from "./row.ts";

/** ms for which a process uses what it read: after that time a new key works everywhere. */
const knownForMs = 10_000;

/** Rows of keys that are read in one call. */
const batchSize = 100;

/**
 * The boxes that have a live key. Each page of a list of boxes needs all of them, and a console reads all pages again
 * and again. So a process reads the keys once in ten seconds, and not their last uses.
 */
export class DynamoKeyedBoxes implements KeyedBoxes {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  #known: { at: number; boxes: Promise<ReadonlySet<string>> } | null = null;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  all(): Promise<ReadonlySet<string>> {
    const known = this.#known;
    if (known !== null && Math.abs(this.#clock() - known.at) < knownForMs) return known.boxes;
    return this.#readAgain();
  }

  /** Another process may have made the key just now, so the keys are read again before the answer is no. */
  async has(box: string): Promise<boolean> {
    const before = this.#known;
    const boxes = this.all();
    // Told before it is waited for: meanwhile another call may read them again, whose answer this one does not have.
    const areReadNow = this.#known !== before;
    return (await boxes).has(box) || (!areReadNow && (await this.#readAgain()).has(box));
  }

  #readAgain(): Promise<ReadonlySet<string>> {
    const known = { at: this.#clock(), boxes: this.#read() };
    this.#known = known;
    known.boxes.catch(() => {
      if (this.#known === known) this.#known = null;
    });
    return known.boxes;
  }

  async #read(): Promise<ReadonlySet<string>> {
    const boxes = new Set<string>();
    const shards = [{ index: "byTime" as const, hash: lists.keys }];
    for await (const group of chunk(queryShards(this.#dynamo, { shards, order: "ascending" }), () => batchSize)) {
      const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
      for (const row of rows.values()) {
        // A key whose row cannot be read opens nothing, so it is not live.
        const { box, revokedAt } = z.safeParse(keyRow, row).data ?? {};
        if (box !== undefined && revokedAt === undefined) boxes.add(box);
      }
    }
    return boxes;
  }
}
