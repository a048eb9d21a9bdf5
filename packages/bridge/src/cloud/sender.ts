import type { Log } from "@gatepost/core/log";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { RefusedPart, Spooled } from "../spool/request.ts";
import type { Spool } from "../spool/spool.ts";
import { whyOf } from "../why.ts";
import type { Bandwidth } from "./bandwidth.ts";
import type { Cloud } from "./cloud.ts";
import { Delivery } from "./delivery.ts";
import type { Verdict } from "./verdict.ts";

export interface SenderOptions {
  box: string;
  token: string;
  spool: Spool;
  cloud: Cloud;
  bandwidth: Bandwidth;
  /** Most bytes of a body that the cloud accepts. Larger batches are split before they are sent. */
  maxBody: number;
  clock: Clock;
  random: () => number;
  log: Log;
}

/** ms after which it checks the spool again, even if it was not woken: reports also leave the spool by age. */
const maxPauseMs = 60_000;
/** After so many tries (some five minutes) the fault may be in the report, and not in the cloud. */
const maxTries = 10;

/** Sends the reports of one box in order, each until the cloud has it. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #backoff: Backoff;
  #wake: () => void = () => {};
  #lastError: string | null = null;
  #isFailing = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  /** Why the last try failed; null if it did not. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** Tells the sender that a new report waits. */
  wake(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { spool, box } = this.#options;
    while (!signal.aborted) {
      try {
        const report = await spool.nextWhole(box);
        if (report === null) await this.#rest(signal);
        else await this.#attempt(report, signal);
      } catch (cause) {
        await this.#interrupted(cause, signal);
      }
    }
  }

  /** The spool cannot be read or written, for example on a full disk. The last report may be sent again. */
  async #interrupted(cause: unknown, signal: AbortSignal): Promise<void> {
    const { log, box, clock } = this.#options;
    const why = `the spool: ${whyOf(cause)}`;
    if (why !== this.#lastError) log.error("interrupted, going on", { box, cause });
    this.#lastError = why;
    this.#isFailing = true;
    await clock.sleep(this.#backoff.failed(), signal);
  }

  async #rest(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    signal.addEventListener("abort", this.#wake);
    await this.#options.clock.sleep(maxPauseMs, woken.signal);
    signal.removeEventListener("abort", this.#wake);
  }

  async #attempt(report: Spooled, signal: AbortSignal): Promise<void> {
    const verdict = await this.#try(report, signal);
    if (verdict.kind !== "later" || signal.aborted) return;
    const tries = await this.#options.spool.noteFailure(report);
    if (tries >= maxTries && (await this.#passed(report, signal))) return;
    if (!signal.aborted) this.#failed(verdict.why);
    await this.#options.clock.sleep(this.#backoff.failed(verdict.wait), signal);
  }

  /** Sends a report, and removes it from the spool if the cloud has decided about it. */
  async #try(report: Spooled, signal: AbortSignal): Promise<Verdict> {
    const { spool, cloud, token, bandwidth, maxBody } = this.#options;
    const delivery = new Delivery({ report, cloud, token, bandwidth, maxBody, signal });
    const verdict = await delivery.run();
    if (verdict.kind === "later") return verdict;
    await spool.settle(report, delivery.refusals);
    this.#backoff.succeeded();
    this.#succeeded(report, delivery.refusals);
    return verdict;
  }

  /**
   * Tries the next report if the first one fails again and again. If the cloud accepts that one, and right after it
   * still not the first, the first becomes a dead letter: otherwise it would hold up its box for ever. Returns whether
   * a report was accepted.
   */
  async #passed(report: Spooled, signal: AbortSignal): Promise<boolean> {
    const { spool, box } = this.#options;
    const next = await spool.nextWhole(box, report.id);
    if (next === null || (await this.#try(next, signal)).kind === "later") return false;
    const verdict = await this.#try(report, signal);
    if (verdict.kind === "later" && !signal.aborted) await this.#setAside(report, verdict.why);
    return true;
  }

  async #setAside(report: Spooled, why: string): Promise<void> {
    const refusals = [{ body: report.body, reason: `${why}; again and again, while others were taken` }];
    await this.#options.spool.settle(report, refusals);
    this.#succeeded(report, refusals);
  }

  /** Logs a failure once, and not each time it repeats. */
  #failed(why: string): void {
    const { log, box } = this.#options;
    if (why !== this.#lastError) log.warn("not delivered, trying again", { box, why });
    this.#lastError = why;
    this.#isFailing = true;
  }

  #succeeded({ path }: Spooled, refusals: readonly RefusedPart[]): void {
    const { log, box } = this.#options;
    for (const { reason } of refusals) log.warn("refused, on the side list", { box, path, why: reason });
    if (this.#isFailing) log.info("delivering again", { box });
    this.#isFailing = false;
    this.#lastError = refusals.at(-1)?.reason ?? null;
  }
}
