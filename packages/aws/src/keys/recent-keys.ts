import { type Key, type KeyCache, type KeyFault, KeyRecords } from "@gatepost/core/keys";
import { RecentCache } from "../dynamo/recent-cache.ts";

/** ms for which a process uses a key without reading it again. A revoked key may work for so long. */
const knownForMs = 60_000;

/** ms for which a process treats a token as unknown without reading again. A new key may have to wait for so long. */
const unknownForMs = 10_000;

/** Live keys and unknown tokens have separate caches, so that guessing tokens removes no live key from the cache. */
const maxKnown = 20_000;
const maxUnknown = 1000;

/** Keys that this process has read within a minute, with the boxes of their sites. */
export class RecentKeys implements KeyCache {
  readonly #clock: () => number;
  readonly #known = new RecentCache<Key>(maxKnown);
  readonly #unknown = new RecentCache<true>(maxUnknown);

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  find(tokenHash: string): Key | null | undefined {
    const now = this.#clock();
    const known = this.#known.find(tokenHash, now - knownForMs);
    if (known !== undefined) return known;
    return this.#unknown.find(tokenHash, now - unknownForMs) ? null : undefined;
  }

  reading(tokenHash: string): (found: Key | null) => void {
    const at = this.#clock();
    return (found) => {
      if (found === null) this.#unknown.note(tokenHash, true, at);
      // A key with an end is read each time: the answer has the time with which the end is compared.
      else if (found.expiresAt === undefined) this.#known.note(tokenHash, found, at);
    };
  }
}

/** ms for which a process remembers why a token is refused, and for how many tokens. */
const faultKnownForMs = 10_000;
const maxFaults = 1000;

/** Reads a fault at most once in ten seconds for each token, so that guessing does not keep the table busy. */
export class KeysWithRecentFaults extends KeyRecords {
  readonly #clock: () => number;
  readonly #faults = new RecentCache<KeyFault>(maxFaults);

  constructor(deps: ConstructorParameters<typeof KeyRecords>[0]) {
    super(deps);
    this.#clock = deps.clock;
  }

  override async faultOf(tokenHash: string): Promise<KeyFault> {
    const now = this.#clock();
    const known = this.#faults.find(tokenHash, now - faultKnownForMs);
    if (known !== undefined) return known;
    const fault = await super.faultOf(tokenHash);
    this.#faults.note(tokenHash, fault, now);
    return fault;
  }
}
