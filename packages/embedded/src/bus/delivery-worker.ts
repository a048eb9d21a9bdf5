import type { Log } from "@gatepost/ingest";
import { isExhausted, pauseAfter } from "./backoff.ts";
import type { Delivery, DeliveryRows } from "./deliveries.ts";
import type { Rule } from "./rules.ts";
import { webhookHeaders } from "./signature.ts";
import { post, type Timeouts } from "./webhook.ts";

export interface WorkerDeps extends Timeouts {
  rows: DeliveryRows;
  log: Log;
  clock(): number;
  random(): number;
  allowPrivateTargets: boolean;
  /** The rule of that name as it is now; null where it must not be used. */
  rule(name: string): Rule | null;
}

/** Delivers the entries of one rule, in order. It does not know of other rules. */
export class DeliveryWorker {
  readonly #name: string;
  readonly #deps: WorkerDeps;
  #isBusy = false;
  #underWay: Promise<void> = Promise.resolve();
  /**
   * Writes the result of the last try. It is kept until that is durable: on a full disk, the subscriber must not get
   * the entry again and again.
   */
  #record: (() => Promise<void>) | null = null;
  #cannotRecord = false;

  constructor(name: string, deps: WorkerDeps) {
    this.#name = name;
    this.#deps = deps;
  }

  /** Tells it that something may be due. */
  wake(): void {
    if (!this.#isBusy) this.#underWay = this.#run();
  }

  /** Resolves when nothing is due any more. */
  idle(): Promise<void> {
    return this.#underWay;
  }

  async #run(): Promise<void> {
    const { rows, rule, clock, signal, log } = this.#deps;
    this.#isBusy = true;
    try {
      for (;;) {
        await this.#record?.();
        this.#record = null;
        this.#cannotRecord = false;
        const target = rule(this.#name);
        const next = target === null ? null : rows.first(this.#name);
        if (target === null || next === null || next.dueAt > clock()) return;
        const failure = await this.#try(next, target);
        if (signal.aborted && failure !== null) return;
        this.#record = () => this.#note(next, failure);
      }
    } catch (cause) {
      if (!this.#cannotRecord) log.error("delivery not recorded, trying again", { rule: this.#name, cause });
      this.#cannotRecord = true;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Null where it was delivered, else why not. */
  async #try({ entryId, body }: Delivery, { target }: Rule): Promise<string | null> {
    const { clock, allowPrivateTargets, timeoutMs, signal } = this.#deps;
    const signed = webhookHeaders({ id: entryId, at: clock(), body }, target.secret);
    const headers = { ...target.headers, ...signed, "content-type": "application/json", "user-agent": "gatepost" };
    try {
      const allowPrivate = target.allowPrivate || allowPrivateTargets;
      const status = await post({ url: target.url, headers, body, allowPrivate }, { timeoutMs, signal });
      return status >= 200 && status < 300 ? null : `answered ${status}`;
    } catch (error) {
      return (error instanceof Error ? error.message : String(error)).slice(0, 300) || "no connection";
    }
  }

  async #note({ id, entryId, since, tries: before }: Delivery, failure: string | null): Promise<void> {
    const { rows, log, clock, random } = this.#deps;
    const now = clock();
    if (failure === null) return rows.delivered(id, now);
    const tries = before + 1;
    const facts = { rule: this.#name, entry: entryId, reason: failure };
    if (isExhausted({ age: now - since, tries })) {
      await rows.deadLetter(id, { tries, reason: failure, now });
      log.error("entry given up; see `gatepost deadletters`", facts);
    } else {
      await rows.postpone(id, { tries, reason: failure, dueAt: now + pauseAfter(tries, random) });
      if (tries === 1) log.warn("entry not delivered, trying again", facts);
    }
  }
}
