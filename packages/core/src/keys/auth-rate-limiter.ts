import { GatepostError } from "../errors/errors.ts";

const maxFailures = 30;
const windowMs = 60_000;
const maxAddresses = 10_000;

/**
 * Counts failed keys by address. It refuses only failures: boxes with a live key pass, even if others behind the same
 * address (one NAT for a whole site) fail.
 */
export class AuthRateLimiter {
  readonly #clock: () => number;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts one failure. Throws 429 if the address had too many within a minute. */
  fail(address: string): void {
    const now = this.#clock();
    const known = this.#failures.get(address);
    // Failures counted before the clock was set back no longer count.
    const entry = known !== undefined && Math.abs(now - known.since) < windowMs ? known : { count: 0, since: now };
    entry.count += 1;
    this.#failures.delete(address);
    this.#failures.set(address, entry);
    this.#forgetOldest();
    if (entry.count > maxFailures) {
      const retryAfter = Math.ceil((entry.since + windowMs - now) / 1000);
      throw new GatepostError("too-many", `too many failed keys from this address, wait ${retryAfter} s`, {
        retryAfter,
      });
    }
  }

  #forgetOldest(): void {
    for (const address of this.#failures.keys()) {
      if (this.#failures.size <= maxAddresses) return;
      this.#failures.delete(address);
    }
  }
}
