import { dayMs, storedJson } from "@gatepost/protocol";
import { absent, equals, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { type Account, includes, type Role, roles } from "../accounts/index.ts";
import { RecordKind } from "../records/record-kind.ts";

/** ms that a person who needs a factor has to add the first one. */
export const graceMs = 7 * dayMs;

const times = z.object({
  guard: z.optional(z.number()),
  manager: z.optional(z.number()),
  administrator: z.optional(z.number()),
});

/**
 * `account-policy`: the roles whose people need a factor beside the password, each with the time since when without a
 * break, ms. `rev` rises with each write.
 */
const records = new RecordKind("account-policy", z.object({ since: storedJson(times), rev: z.int() }));

interface Deps {
  items: Rows;
  /** The time by which the days end, ms since 1970. */
  clock(): number;
}

/** Who needs a factor beside the password. Any kind of factor does. People of the company's provider need none here. */
export class FactorPolicy {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The role from which upwards people need a factor; null for nobody. `version` is for a change. */
  async read(): Promise<{ requiredFrom: Role | null; version: string }> {
    const { since, rev } = await this.#read();
    return { requiredFrom: roles.find((role) => since[role] !== undefined) ?? null, version: `${rev}` };
  }

  /** False if the policy is not of this version any more. A role that needed a factor before keeps its time. */
  async write(requiredFrom: Role | null, version: string): Promise<boolean> {
    const { since, rev } = await this.#read();
    if (version !== `${rev}`) return false;
    const needed = roles.filter((role) => requiredFrom !== null && includes(role, requiredFrom));
    const now = this.#deps.clock();
    const after = Object.fromEntries(needed.map((role) => [role, since[role] ?? now]));
    const when = rev === 0 ? absent() : equals("rev", rev);
    const record = records.record("", { since: JSON.stringify(after), rev: rev + 1 }, when);
    return (await this.#deps.items.write(record)).applied;
  }

  /**
   * Until when an account may add its first factor, ms since 1970: for seven days since both the policy and its role
   * were as they are, and since it joined. Null if it needs none.
   */
  async dueOf({ role, with: way, since }: Pick<Account, "role" | "with" | "since">): Promise<number | null> {
    if (way !== "password") return null;
    const policy = (await this.#read()).since;
    const needed = roles.flatMap((one) => {
      const from = includes(role, one) ? policy[one] : undefined;
      return from === undefined ? [] : [Math.max(from, since[one])];
    });
    return needed.length === 0 ? null : Math.min(...needed) + graceMs;
  }

  /**
   * When the days of an account were over, ms since 1970: if it has no factor, its password alone opens nothing since then.
   * Null if they are not over.
   */
  async overdueSince(account: Account): Promise<number | null> {
    const due = await this.dueOf(account);
    return due !== null && due <= this.#deps.clock() ? due : null;
  }

  async #read(): Promise<{ since: z.output<typeof times>; rev: number }> {
    const item = await this.#deps.items.get(records.pk(""));
    return item === null ? { since: {}, rev: 0 } : records.read(item);
  }
}
