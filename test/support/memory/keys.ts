import { hash } from "node:crypto";
import {
  hashToken,
  type Key,
  type KeyCache,
  KeyFinder,
  KeyRecords,
  KeyUses,
  keyIdOf,
  type NewKey,
  newToken,
} from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { hourMs } from "@gatepost/protocol";
import type { Items } from "@gatepost/store";

/** A cache that remembers nothing. */
const noCache: KeyCache = { find: () => undefined, reading: () => () => {} };

const silent: Log = { info() {}, warn() {}, error() {} };

interface Deps {
  items: Items;
  sites: { boxesOf(site: string): Promise<readonly string[]> };
  /** Left out: nothing is logged. */
  log?: Log;
  clock(): number;
}

/** Keys in a record store, as a test makes and revokes them. */
export class KeysOfTest {
  readonly finder: KeyFinder;
  readonly admin: KeyRecords;
  readonly uses: KeyUses;
  readonly #clock: () => number;
  #made = 0;

  constructor({ items, sites, log = silent, clock }: Deps) {
    this.#clock = clock;
    const times = { clock, believed: clock };
    this.finder = new KeyFinder({ items, sites, log, ...times, cache: noCache, noteUseEveryMs: hourMs });
    this.admin = new KeyRecords({ items, urgent: items, ...times });
    this.uses = new KeyUses(items);
  }

  /** Makes a key and returns its token. The next call to the record store finds it. */
  add(scope: Key["scope"], box: string | null, bounds: Pick<NewKey, "boxes" | "site" | "expiresAt"> = {}): string {
    this.#made += 1;
    // Each run and each store of a test makes the same tokens, so the ids of their keys are the same, too.
    const token = `${newToken(scope).slice(0, 4)}${hash("sha256", `key ${this.#made}`, "base64url").slice(0, 27)}`;
    // A ms apart, so that they are listed in the order in which they were made.
    const createdAt = this.#clock() - 1000 + this.#made;
    const made = { id: "", tokenHash: hashToken(token), scope, box, createdAt, lastUsedAt: null, revokedAt: null };
    void this.admin.take({ ...made, ...bounds });
    return token;
  }

  revokeToken(token: string): void {
    void this.admin.revoke(keyIdOf(hashToken(token)));
  }
}
