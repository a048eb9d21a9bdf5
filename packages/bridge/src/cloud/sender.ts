import type { Log } from "@gatepost/ingest";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Refusal, Spooled } from "../spool/request.ts";
import type { Spool } from "../spool/spool.ts";
import type { Bandwidth } from "./bandwidth.ts";
import type { Cloud } from "./cloud.ts";
import { halves } from "./split.ts";
import type { Verdict } from "./verdict.ts";

export interface SenderOptions {
  box: string;
  token: string;
  spool: Spool;
  cloud: Cloud;
  bandwidth: Bandwidth;
  /** Bytes of a body that the cloud takes at most; larger batches are split before they are sent. */
  maxBody: number;
  clock: Clock;
  random: () => number;
  log: Log;
}

/** ms after which it looks into the spool again, even if nobody woke it: reports also leave the spool by age. */
const maxPauseMs = 60_000;

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

  /** Why the last try failed; null when it did not. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** Tells it that something new waits. */
  wake(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { spool, box } = this.#options;
    while (!signal.aborted) {
      const report = spool.next(box);
      if (report === null) await this.#rest(signal);
      else await this.#attempt(report, signal);
    }
  }

  async #rest(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    signal.addEventListener("abort", this.#wake);
    await this.#options.clock.sleep(maxPauseMs, woken.signal);
    signal.removeEventListener("abort", this.#wake);
  }

  async #attempt(report: Spooled, signal: AbortSignal): Promise<void> {
    const { clock, spool } = this.#options;
    const refusals: Refusal[] = [];
    const verdict = await this.#send(report, report.body, { refusals, signal });
    if (verdict.kind === "later") {
      if (!signal.aborted) this.#failed(verdict.why);
      await clock.sleep(this.#backoff.failed(verdict.wait), signal);
      return;
    }
    this.#backoff.succeeded();
    await spool.settle(report, refusals);
    this.#succeeded(report, refusals);
  }

  /** Logs a failure once, and not every time that it repeats. */
  #failed(why: string): void {
    const { log, box } = this.#options;
    if (why !== this.#lastError) log.warn("not delivered, trying again", { box, why });
    this.#lastError = why;
    this.#isFailing = true;
  }

  #succeeded({ path }: Spooled, refusals: readonly Refusal[]): void {
    const { log, box } = this.#options;
    for (const { reason } of refusals) log.warn("refused, on the side list", { box, path, why: reason });
    if (this.#isFailing) log.info("delivering again", { box });
    this.#isFailing = false;
    this.#lastError = refusals.at(-1)?.reason ?? null;
  }

  /** Sends a body, or its halves where it is too large. What the cloud will never take is added to the refusals. */
  async #send(report: Spooled, body: Uint8Array, deps: { refusals: Refusal[]; signal: AbortSignal }): Promise<Verdict> {
    const verdict = await this.#deliver(report, body, deps.signal);
    if (verdict.kind === "accepted" || verdict.kind === "later") return verdict;
    const parts = verdict.kind === "too-large" && report.contentEncoding === null ? halves(body) : null;
    if (parts === null) {
      deps.refusals.push({ body, reason: verdict.why });
      return { kind: "accepted" };
    }
    for (const part of parts) {
      const sent = await this.#send(report, part, deps);
      if (sent.kind === "later") return sent;
    }
    return { kind: "accepted" };
  }

  async #deliver(report: Spooled, body: Uint8Array, signal: AbortSignal): Promise<Verdict> {
    const { cloud, token, bandwidth, maxBody } = this.#options;
    if (body.length > maxBody && report.contentEncoding === null && halves(body) !== null) {
      return { kind: "too-large", why: `over ${maxBody} bytes` };
    }
    await bandwidth.take(body.length, signal);
    return cloud.deliver({ ...report, body }, { token, signal });
  }
}
