import { hourMs, minuteMs } from "@gatepost/protocol";
import {
  all,
  type Change,
  compare,
  equals,
  type Items,
  type List,
  not,
  placeAt,
  present,
  type Rows,
  ttlAt,
} from "@gatepost/store";
import * as z from "zod/mini";
import { type Log, LogOnce } from "../log/log.ts";
import { RecordKind } from "../records/record-kind.ts";
import { auditKeptMs } from "./ports.ts";

/** `pictures-read KEY HOUR`: the pictures that a key read in an hour that has not joined the chain. */
const counts = new RecordKind(
  "pictures-read ",
  z.object({ keyId: z.string(), hour: z.int(), pictures: z.number(), leasedUntil: z.optional(z.number()) }),
);

const list: List = { index: "byTime", name: "pictures-read" };

/** ms for which only one process may note a count. */
const leaseMs = minuteMs;

/** Pictures that a key read in an hour, which counts from 1970. */
export interface PictureCount {
  keyId: string;
  hour: number;
  pictures: number;
}

/** Counts of the pictures that keys read, by the hour: first in memory, then as items. */
export class PictureCounts {
  readonly #items: Items;
  readonly #clock: () => number;
  readonly #unreadable: LogOnce;
  /** Counts that are not written yet, by key and hour. */
  #counted = new Map<string, PictureCount>();

  /** @param clock ms since 1970 */
  constructor(items: Items, { clock, log }: { clock(): number; log: Log }) {
    this.#items = items;
    this.#clock = clock;
    this.#unreadable = new LogOnce(log, "a count of pictures that a key read cannot be read, and is not noted");
  }

  add({ keyId, hour, pictures }: PictureCount): void {
    const id = `${keyId} ${hour}`;
    this.#counted.set(id, { keyId, hour, pictures: pictures + (this.#counted.get(id)?.pictures ?? 0) });
  }

  /** Writes the added counts. Throws if a count cannot be written; it is then written later. */
  async write(rows: Rows): Promise<void> {
    const counted = [...this.#counted.values()];
    this.#counted = new Map();
    await Promise.all(
      counted.map(async (one) => {
        try {
          await rows.write(adding(one, this.#clock()));
        } catch (error) {
          this.add(one);
          throw error;
        }
      }),
    );
  }

  /**
   * Notes the counts of the hours before `hour`, and removes them. If a process ends between both, the count is noted
   * twice: both notes name the same key and hour.
   */
  async noteBefore(hour: number, rows: Rows, note: (count: PictureCount) => Promise<unknown>): Promise<void> {
    const range = { lists: [list], to: placeAt(hour * hourMs, ""), order: "ascending" as const };
    for await (const { pk } of this.#items.entries(range)) {
      const now = this.#clock();
      const until = now + leaseMs;
      const isFree = all(present("pictures"), not(compare("leasedUntil", ">", now)));
      const id = counts.id(pk);
      const { applied, previous } = await rows.write(counts.change(id, { set: { leasedUntil: until }, when: isFree }));
      const count = applied && previous !== null ? this.#readable(pk, previous) : null;
      if (count === null) continue;
      await note(count);
      // An item that was removed and counted again has no lease: nothing in it is noted yet.
      const isMine = equals("leasedUntil", until);
      const removed = await rows.remove(pk, all(equals("pictures", count.pictures), isMine));
      // A slow process has counted again meanwhile: the rest is noted later.
      if (removed === null) await rows.write(counts.change(id, { add: { pictures: -count.pictures }, when: isMine }));
    }
  }

  #readable(row: string, item: Parameters<typeof counts.read>[0]): PictureCount | null {
    const count = counts.readable(item);
    if (count === null) this.#unreadable.error(row, { row, todo: "delete the row" });
    return count;
  }
}

function adding({ keyId, hour, pictures }: PictureCount, now: number): Change {
  const placed = { byTime: list.name, at: placeAt(hour * hourMs, keyId), ttl: ttlAt(now + auditKeptMs) };
  return counts.change(`${keyId} ${hour}`, { set: { keyId, hour, ...placed }, add: { pictures }, when: all() });
}
