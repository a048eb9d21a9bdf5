import { all, compare, type Item, not, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import type { Log } from "../log/log.ts";
import { RecordKind } from "../records/record-kind.ts";
import type { DailyUsage, KeyUsage } from "./key.ts";

const attributes = z.object({
  lastUsedAt: z.optional(z.number()),
  day: z.optional(z.int()),
  bytes: z.optional(z.int()),
});

/**
 * `used KEY`: the last use of a key, and its deliveries on a day. It is a separate record: the functions that note a
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

interface Deps {
  items: Rows;
  log: Log;
}

/** The deliveries of keys with a daily limit. */
export class KeyUses implements KeyUsage {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async read(keyId: string): Promise<DailyUsage | null> {
    const { day, bytes } = usesIn(await this.#deps.items.get(uses.pk(keyId)));
    return day === undefined || bytes === undefined ? null : { day, bytes };
  }

  async note(keyId: string, { day, bytes }: DailyUsage): Promise<void> {
    try {
      await this.#deps.items.write(uses.change(keyId, { set: { day, bytes }, when: all() }));
    } catch (cause) {
      this.#deps.log.warn("what a key has delivered was not noted", { cause });
    }
  }
}
