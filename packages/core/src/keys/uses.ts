import { all, asRead, compare, equals, type Item, not, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import type { KeyUsage, KeyUse } from "./key.ts";

const attributes = z.object({
  lastUsedAt: z.optional(z.number()),
  day: z.optional(z.int()),
  bytes: z.optional(z.int()),
  reports: z.optional(z.int()),
  left: z.optional(z.number()),
  leftAt: z.optional(z.number()),
});

/**
 * `used KEY`: the last use of a key, and its deliveries if it has limits. It is a separate record: the functions that note a
 * use may not write records of keys.
 */
export const uses = new RecordKind("used ", attributes);

/**
 * The noted use of a key. A broken record does not stop a key from working, because it says nothing of the key itself.
 * The next use replaces it.
 */
function usesIn(item: Item | null | undefined): z.output<typeof attributes> {
  return z.safeParse(attributes, item).data ?? {};
}

/** The last use of a key (ms since 1970) in its record of uses; undefined if it was never used. */
export function lastUseOf(item: Item | undefined): number | undefined {
  return usesIn(item).lastUsedAt;
}

/** The change that notes a use at `now` (ms), unless one was noted less than `everyMs` before. */
export function useAt(keyId: string, now: number, everyMs: number) {
  const isRecent = all(compare("lastUsedAt", ">", now - everyMs), compare("lastUsedAt", "<", now + everyMs));
  return uses.change(keyId, { set: { lastUsedAt: now }, when: not(isRecent) });
}

/** Tries to settle while other processes do. */
const maxTries = 5;

/** Less than any sum. A sum that is missing or broken is not greater. */
const lowest = Number.MIN_SAFE_INTEGER;

/** The deliveries of keys with limits, which all processes add to. */
export class KeyUses implements KeyUsage {
  readonly #items: Rows;

  constructor(items: Rows) {
    this.#items = items;
  }

  async read(keyId: string): Promise<KeyUse | null> {
    const pk = uses.pk(keyId);
    const { day, bytes, reports, left, leftAt } = usesIn((await this.#items.getAll([pk])).get(pk));
    if (day === undefined || bytes === undefined || reports === undefined) return null;
    return left === undefined || leftAt === undefined ? null : { day, bytes, reports, left, leftAt };
  }

  async settle(keyId: string, { day, bytes, reports, left, leftAt }: KeyUse): Promise<KeyUse> {
    const sums = all(equals("day", day), compare("bytes", ">", lowest), compare("reports", ">", lowest));
    for (let tries = 0; tries < maxTries; tries += 1) {
      const added = uses.change(keyId, { set: { left, leftAt }, add: { bytes, reports }, when: sums });
      const { applied, previous } = await this.#items.write(added);
      const before = usesIn(previous);
      const total = { day, bytes, reports: (before.reports ?? 0) + reports, left, leftAt };
      if (applied) return { ...total, bytes: (before.bytes ?? 0) + bytes };
      // The first deliveries of a day, or a record that cannot be added to.
      const begun = uses.change(keyId, { set: total, when: asRead(previous, ["day", "bytes", "reports"]) });
      if ((await this.#items.write(begun)).applied) return total;
    }
    throw new Error(`the deliveries of key ${keyId} are changed by others again and again`);
  }
}
