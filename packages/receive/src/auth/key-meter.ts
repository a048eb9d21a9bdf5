import { GatepostError } from "@gatepost/core/errors";
import type { DailyUsage, Key, KeyUsage } from "@gatepost/core/keys";
import { dayMs, minuteMs, secondMs } from "@gatepost/protocol";

/** ms between two notes of a key's deliveries. After a crash, deliveries since the last note are not counted. */
const noteEveryMs = minuteMs;

interface Deps {
  usage: KeyUsage;
  clock(): number;
}

/** The meters of all keys that have limits. */
export class KeyMeters {
  readonly #deps: Deps;
  readonly #meters = new Map<string, Promise<KeyMeter>>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The meter of a key; null if the key has no limit. */
  async of(key: Key): Promise<KeyMeter | null> {
    if (key.rate === undefined && key.dailyBytes === undefined) return null;
    const known = this.#meters.get(key.id) ?? this.#open(key);
    this.#meters.set(key.id, known);
    return known;
  }

  async #open(key: Key): Promise<KeyMeter> {
    try {
      return new KeyMeter(key, await this.#deps.usage.read(key.id), this.#deps);
    } catch (error) {
      this.#meters.delete(key.id);
      throw error;
    }
  }
}

/** Counts the deliveries of one key: reports, as a bucket that fills at the key's rate, and bytes of the day (UTC). */
export class KeyMeter {
  readonly #key: Key;
  readonly #deps: Deps;
  /** How many reports may still arrive at once. Negative after a batch that had more. */
  #left: number;
  #filledAt: number;
  #usage: DailyUsage;
  #notedAt = Number.NEGATIVE_INFINITY;

  constructor(key: Key, usage: DailyUsage | null, deps: Deps) {
    this.#key = key;
    this.#deps = deps;
    this.#left = key.rate?.burst ?? 0;
    this.#filledAt = deps.clock();
    this.#usage = usage ?? { day: 0, bytes: 0 };
  }

  /**
   * Lets one request in, before its body is read. Throws 429 if the key has used up its rate or its bytes of the day.
   */
  admit(): void {
    this.#checkDay(0);
    const { rate } = this.#key;
    if (rate === undefined) return;
    const now = this.#deps.clock();
    const filled = (Math.max(0, now - this.#filledAt) / secondMs) * rate.perSecond;
    this.#left = Math.min(rate.burst, this.#left + filled);
    this.#filledAt = now;
    if (this.#left < 1) {
      const retryAfter = Math.ceil((1 - this.#left) / rate.perSecond);
      throw new GatepostError("too-many", `this key may deliver ${rate.perSecond} reports a second`, { retryAfter });
    }
    this.#left -= 1;
  }

  /**
   * Counts the bytes of a body, as they were sent, before it is stored. Throws 429 if they exceed the remaining bytes
   * of the day. Call the returned function if nothing was stored: it gives them back.
   */
  takeBytes(bytes: number): () => void {
    this.#checkDay(bytes);
    this.#usage.bytes += bytes;
    this.#note();
    const { day } = this.#usage;
    return () => {
      if (this.#usage.day === day) this.#usage.bytes -= bytes;
    };
  }

  /** Counts the reports of a batch beyond the one that was let in. */
  takeReports(reports: number): void {
    this.#left -= Math.max(0, reports - 1);
  }

  #checkDay(bytes: number): void {
    const now = this.#deps.clock();
    const today = Math.floor(now / dayMs);
    if (this.#usage.day !== today) this.#usage = { day: today, bytes: 0 };
    const { dailyBytes = Number.POSITIVE_INFINITY } = this.#key;
    if (this.#usage.bytes < dailyBytes && this.#usage.bytes + bytes <= dailyBytes) return;
    const retryAfter = Math.ceil(((today + 1) * dayMs - now) / secondMs);
    throw new GatepostError("too-many", `this key may deliver ${dailyBytes} bytes a day (UTC)`, { retryAfter });
  }

  /** Notes the usage in the background. */
  #note(): void {
    const now = this.#deps.clock();
    if (this.#key.dailyBytes === undefined || Math.abs(now - this.#notedAt) < noteEveryMs) return;
    this.#notedAt = now;
    void this.#deps.usage.note(this.#key.id, { ...this.#usage });
  }
}
