import { randomBytes } from "node:crypto";
import { all, type Items, type List } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { boxPrefix } from "./sites.ts";

/**
 * `boxes moved`: when a box was last about to be stored for the first time, or at another site (`movedAt`, ms).
 * `version` is another text after each note.
 */
const moves = new RecordKind("boxes ", z.object({ movedAt: z.int(), version: z.string() }));

const only = "moved";

/** ms for which a process relies on the move that it noted: many boxes may be new at the same time. */
const noteEveryMs = 5000;

/**
 * ms after a move in which lists are not kept. By then its write has ended, its retries included, and indexes show it;
 * clocks differ by less.
 */
const settleMs = 30_000;

/** ms for which a list is kept at most: an index may lag for longer than that, and records expire. */
const keptMs = 60_000;

/** Lists that are kept. */
const maxLists = 1000;

/**
 * Lists of boxes, which seldom change and take 16 queries each on AWS. A move is noted before it is written, so one row
 * shows whether a list that was read before is still right.
 */
export class BoxLists {
  readonly #items: Pick<Items, "get" | "write" | "entries">;
  readonly #clock: () => number;
  readonly #kept = new Map<string, { version: string; readAt: number; boxes: Promise<readonly string[]> }>();
  #noted: { at: number; done: Promise<unknown> } | null = null;

  constructor(items: Pick<Items, "get" | "write" | "entries">, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /** Notes that a box is about to be stored for the first time, or at another site. */
  async noteMove(): Promise<void> {
    const at = this.#clock();
    if (this.#noted === null || Math.abs(at - this.#noted.at) >= noteEveryMs) {
      const move = { movedAt: at, version: randomBytes(9).toString("base64url") };
      this.#noted = { at, done: this.#items.write(moves.record(only, move, all())) };
    }
    const noted = this.#noted;
    try {
      await noted.done;
    } catch (error) {
      if (this.#noted === noted) this.#noted = null;
      throw error;
    }
  }

  /** The boxes of each list, in any order. Boxes of the last second may be missing on AWS. */
  async read(lists: readonly List[]): Promise<(readonly string[])[]> {
    const item = await this.#items.get(moves.pk(only));
    // By a broken row nothing is kept, until the next move replaces it.
    const broken = { movedAt: Number.POSITIVE_INFINITY, version: "" };
    const moved = item === null ? { movedAt: 0, version: "" } : (moves.readable(item) ?? broken);
    return Promise.all(lists.map((list) => this.#boxesIn(list, moved)));
  }

  #boxesIn(list: List, { movedAt, version }: ReturnType<typeof moves.read>): Promise<readonly string[]> {
    const name = `${list.index} ${list.name}`;
    const now = this.#clock();
    const kept = this.#kept.get(name);
    if (kept?.version === version && now >= kept.readAt && now - kept.readAt < keptMs) return kept.boxes;
    const boxes = this.#readAll(list);
    if (now - movedAt < settleMs) return boxes;
    if (this.#kept.size >= maxLists) this.#kept.clear();
    const read = { version, readAt: now, boxes };
    this.#kept.set(name, read);
    boxes.catch(() => {
      if (this.#kept.get(name) === read) this.#kept.delete(name);
    });
    return boxes;
  }

  async #readAll(list: List): Promise<string[]> {
    const boxes: string[] = [];
    for await (const { pk } of this.#items.entries({ lists: [list], order: "ascending" })) {
      boxes.push(pk.slice(boxPrefix.length));
    }
    return boxes;
  }
}
