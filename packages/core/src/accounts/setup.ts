import { dayMs } from "@gatepost/protocol";
import { absent, all, type Change, not, present, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { hashToken, type Key } from "../keys/index.ts";
import { RecordKind } from "../records/record-kind.ts";
import { hasSessionForm } from "./tokens.ts";

/** ms for which the code of a first link opens a session. */
export const setupMs = 7 * dayMs;

/**
 * The administrator without a name who has opened a first link: the audit log, jobs and sessions name the caller by this
 * id. It is no stored key, and has no token.
 */
export const setupKey: Key = { id: "setup", scope: "admin", box: null };

/** `setup HASH`: the code of a first link. It stays until it has ended, so that it works once. */
const codes = new RecordKind("setup ", z.object({ expiresAt: z.number(), usedAt: z.optional(z.number()) }));

/** The change that notes the use of a code at a time (ms), by its key. A code that was used keeps its time. */
export function setupUse(pk: string, usedAt: number): Change {
  return codes.change(codes.id(pk), { setIfAbsent: { usedAt }, when: present() });
}

/** The codes of first links, which only the machine of the store prints. Only their hashes are stored. */
export class SetupCodes {
  readonly #items: Rows;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(items: Rows, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /** Stores a new code. Resolves with the time from which it opens nothing, ms since 1970. */
  async add(code: string): Promise<number> {
    const expiresAt = this.#clock() + setupMs;
    await this.#items.write(codes.record(hashToken(code), { expiresAt, ttl: ttlAt(expiresAt) }, absent()));
    return expiresAt;
  }

  /** Uses a code. If several callers use it at once, exactly one gets true. False if it has ended, or is unknown. */
  async take(code: string): Promise<boolean> {
    if (!hasSessionForm(code)) return false;
    const hash = hashToken(code);
    // A read costs a tenth of a write, so guessing cannot cause many writes.
    const item = (await this.#items.getAll([codes.pk(hash)])).get(codes.pk(hash));
    const now = this.#clock();
    if (item === undefined || codes.read(item).expiresAt <= now) return false;
    const when = all(present(), not(present("usedAt")));
    return (await this.#items.write(codes.change(hash, { set: { usedAt: now }, when }))).applied;
  }
}
