import { GatepostError } from "@gatepost/core/errors";
import type { Key, KeyRate, KeyUsage, KeyUse } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { dayMs, secondMs } from "@gatepost/protocol";

/**
 * ms between two settlements of a key's deliveries. Until then a process does not know the deliveries of the others, and
 * after a crash its own ones are not counted.
 */
const settleEveryMs = 10 * secondMs;

interface Deps {
  usage: KeyUsage;
  log: Log;
  clock(): number;
}

type MeteredKey = Pick<Key, "id" | "rate" | "dailyBytes">;

/** The meters of all keys that have limits. */
export class KeyMeters {
  readonly #deps: Deps;
  readonly #meters = new Map<string, Promise<KeyMeter>>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The meter of a key, settled less than 10 s ago; null if the key has no limit. */
  async of(key: MeteredKey): Promise<KeyMeter | null> {
    if (key.rate === undefined && key.dailyBytes === undefined) return null;
    const known = this.#meters.get(key.id) ?? this.#open(key);
    this.#meters.set(key.id, known);
    const meter = await known;
    if (meter.isDue) await meter.settle();
    return meter;
  }

  /** Settles all deliveries, for a process that ends. */
  async settle(): Promise<void> {
    for (const meter of await Promise.all(this.#meters.values())) await meter.settle();
  }

  async #open(key: MeteredKey): Promise<KeyMeter> {
    try {
      return new KeyMeter(key, await this.#deps.usage.read(key.id), this.#deps);
    } catch (error) {
      this.#meters.delete(key.id);
      throw error;
    }
  }
}

/**
 * Counts the deliveries of one key: reports, as a bucket that fills at the key's rate, and bytes of the day (UTC). Each
 * process has its own bucket, from which it takes the deliveries of the others when it settles.
 */
export class KeyMeter {
  readonly #key: MeteredKey;
  readonly #deps: Deps;
  /** How many reports may still arrive at once. Negative after more than that. */
  #left: number;
  #filledAt: number;
  /** The bytes of a day, of all processes. */
  #day: number;
  #bytes: number;
  /** The reports of all processes, as last settled. */
  #settledReports: number;
  #settledAt: number;
  /** The deliveries of this process since then. */
  #unsettled = { bytes: 0, reports: 0 };

  constructor(key: MeteredKey, use: KeyUse | null, deps: Deps) {
    const now = deps.clock();
    const { day, bytes, reports, left, leftAt } = use ?? { ...unused, left: key.rate?.burst ?? 0, leftAt: now };
    this.#key = key;
    this.#deps = deps;
    [this.#left, this.#filledAt] = [left, leftAt];
    [this.#day, this.#bytes] = [day, bytes];
    [this.#settledReports, this.#settledAt] = [reports, now];
  }

  /** The absolute difference, so that a clock that was set back does not stop it. */
  get isDue(): boolean {
    return Math.abs(this.#deps.clock() - this.#settledAt) >= settleEveryMs;
  }

  /**
   * Lets one request in, before its body is read. Throws 429 if the key has used up its rate or its bytes of the day.
   */
  admit(): void {
    this.#checkDay(0);
    const { rate } = this.#key;
    if (rate === undefined) return;
    this.#fill(rate);
    if (this.#left < 1) {
      const retryAfter = Math.ceil((1 - this.#left) / rate.perSecond);
      throw new GatepostError("too-many", `this key may deliver ${rate.perSecond} reports a second`, { retryAfter });
    }
    this.#take(1);
  }

  /**
   * Counts the bytes of a body, as they were sent, before it is stored. Throws 429 if they exceed the remaining bytes
   * of the day. Call the returned function if nothing was stored: it gives them back.
   */
  takeBytes(bytes: number): () => void {
    this.#checkDay(bytes);
    this.#add(bytes);
    const day = this.#day;
    return () => {
      if (this.#day === day) this.#add(-bytes);
    };
  }

  /** Counts the reports of a batch beyond the one that was let in. */
  takeReports(reports: number): void {
    this.#take(Math.max(0, reports - 1));
  }

  /**
   * How many reports of a waiting batch may be recorded now: half of the bucket is left to live ones. Also the ms until it
   * is full.
   */
  get spare(): { reports: number; pauseMs: number } {
    const { rate } = this.#key;
    if (rate === undefined) return { reports: Number.POSITIVE_INFINITY, pauseMs: 0 };
    this.#fill(rate);
    const pauseMs = ((rate.burst - this.#left) / rate.perSecond) * secondMs;
    return { reports: Math.floor(this.#left) - Math.floor(rate.burst / 2), pauseMs };
  }

  /** Counts reports of a waiting batch. */
  takeSpare(reports: number): void {
    this.#take(reports);
  }

  /**
   * Adds the deliveries of this process to the sums of all, and learns how much the others delivered. If that fails, it is
   * logged and tried again later: a limit must not stop a box that keeps to it.
   */
  async settle(): Promise<void> {
    const { usage, log, clock } = this.#deps;
    // The day of the last delivery may be over: its sums would replace today’s.
    const day = this.#beginDay();
    const { bytes, reports } = this.#unsettled;
    this.#settledAt = clock();
    this.#unsettled = { bytes: 0, reports: 0 };
    try {
      const ownUsage = { day, bytes, reports, left: this.#left, leftAt: this.#filledAt };
      const total = await usage.settle(this.#key.id, ownUsage);
      if (this.#day === day) this.#bytes = total.bytes + this.#unsettled.bytes;
      this.#left -= Math.max(0, total.reports - this.#settledReports - reports);
      this.#settledReports = total.reports;
    } catch (cause) {
      this.#unsettled.reports += reports;
      if (this.#day === day) this.#unsettled.bytes += bytes;
      log.warn("could not settle the deliveries of a key", { cause, id: this.#key.id });
    }
  }

  #fill({ perSecond, burst }: KeyRate): void {
    const now = this.#deps.clock();
    const filled = (Math.max(0, now - this.#filledAt) / secondMs) * perSecond;
    this.#left = Math.min(burst, this.#left + filled);
    this.#filledAt = now;
  }

  #take(reports: number): void {
    this.#left -= reports;
    this.#unsettled.reports += reports;
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    this.#unsettled.bytes += bytes;
  }

  #checkDay(bytes: number): void {
    const today = this.#beginDay();
    const { dailyBytes = Number.POSITIVE_INFINITY } = this.#key;
    if (this.#bytes < dailyBytes && this.#bytes + bytes <= dailyBytes) return;
    const retryAfter = Math.ceil(((today + 1) * dayMs - this.#deps.clock()) / secondMs);
    throw new GatepostError("too-many", `this key may deliver ${dailyBytes} bytes a day (UTC)`, { retryAfter });
  }

  /** Begins to count the bytes of today if that is another day. Returns today. */
  #beginDay(): number {
    const today = Math.floor(this.#deps.clock() / dayMs);
    if (this.#day !== today) {
      [this.#day, this.#bytes] = [today, 0];
      this.#unsettled.bytes = 0;
    }
    return today;
  }
}

const unused = { day: 0, bytes: 0, reports: 0 };
