import { randomBytes } from "node:crypto";
import { minuteMs } from "@gatepost/protocol";
import { absent, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { Account } from "../accounts/index.ts";
import { hashToken } from "../keys/index.ts";
import { RecordKind } from "../records/record-kind.ts";

/** ms that a person has for the second step of a sign-in. */
export const halfMs = 5 * minuteMs;

/** `half HASH`: a sign-in after its password, by the hash of its token. It ends with its account's `epoch`. */
const halves = new RecordKind(
  "half ",
  z.object({
    account: z.string(),
    epoch: z.int(),
    stays: z.optional(z.literal(1)),
    expiresAt: z.number(),
  }),
);

/** A sign-in that awaits its second step. */
export interface HalfSession {
  account: Account;
  stays: boolean;
}

/** One that has begun. `expiresAt` is in ms since 1970. */
type BegunHalf = HalfSession & { expiresAt: number };

interface Deps {
  items: Rows;
  accounts: { get(id: string): Promise<Account | null> };
  /** The time at which their records end, ms since 1970. */
  clock(): number;
  /** The clock of the machine: they end by it, also while `clock` stands still, after it was set back. */
  machine(): number;
}

/** Sign-ins after their first step. Their tokens have another form than those of sessions, and open nothing. */
export class HalfSessions {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Begins one. Only the answer contains its token. */
  async begin(half: HalfSession): Promise<string> {
    const token = `gph_${randomBytes(20).toString("base64url")}`;
    await this.putBack(token, { ...half, expiresAt: this.#deps.machine() + halfMs });
    return token;
  }

  /** Continues one that was ended. */
  async putBack(token: string, { account: { id: account, epoch }, stays, expiresAt }: BegunHalf): Promise<void> {
    const record = {
      account,
      epoch,
      stays: stays ? (1 as const) : null,
      expiresAt,
      ttl: ttlAt(this.#deps.clock() + halfMs),
    };
    await this.#deps.items.write(halves.record(hashToken(token), record, absent()));
  }

  /** Null if it has ended, or its account has changed meanwhile. */
  async find(token: string): Promise<BegunHalf | null> {
    const item = /^gph_[\w-]{27}$/.test(token) ? await this.#deps.items.get(halves.pk(hashToken(token))) : null;
    if (item === null) return null;
    const { account: id, epoch, stays, expiresAt } = halves.read(item);
    const leftMs = expiresAt - this.#deps.machine();
    const account = leftMs > 0 && leftMs <= halfMs ? await this.#deps.accounts.get(id) : null;
    if (account === null || account.isDisabled || account.epoch !== epoch) return null;
    return { account, stays: stays === 1, expiresAt };
  }

  /** Ends one. If several callers do, exactly one gets true. */
  async end(token: string): Promise<boolean> {
    return (await this.#deps.items.remove(halves.pk(hashToken(token)))) !== null;
  }
}
