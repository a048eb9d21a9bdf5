import { type FailingTargets, PassingAge } from "@gatepost/alerts/targets";
import type { Log } from "@gatepost/core/log";
import {
  type AttemptDeps,
  type AttemptResult,
  attempt,
  dueAfterRefusal,
  isDue,
  isExhausted,
  isRefusedForGood,
  pauseAfter,
  type Refusals,
} from "./attempt.ts";
import type { Delivery, DeliveryRows, Try } from "./deliveries.ts";
import { isForPeople, type OwnRule, type Rule } from "./rules.ts";

export interface WorkerDeps extends AttemptDeps {
  rows: DeliveryRows;
  failing: FailingTargets;
  log: Log;
  random(): number;
  /** The rule of that name as it is now; null if it must not be used. */
  rule(name: string): Rule | OwnRule | null;
}

/** Delivers the entries of one rule, in order. An entry that its target refuses steps aside and is tried later. */
export class DeliveryWorker {
  readonly #name: string;
  readonly #deps: WorkerDeps;
  #isBusy = false;
  #underWay: Promise<void> = Promise.resolve();
  /**
   * Stores the result of the last try. It is kept until that is durable: on a full disk, the subscriber must not get
   * the entry again and again.
   */
  #record: (() => Promise<void>) | null = null;
  #cannotRecord = false;
  /** The digest of the rule at which entries were last brought back into the queue. */
  #broughtBackFor: string | null = null;

  constructor(name: string, deps: WorkerDeps) {
    this.#name = name;
    this.#deps = deps;
  }

  /** Tells the worker that something may be due. */
  wake(): void {
    if (!this.#isBusy) this.#underWay = this.#run();
  }

  /** Resolves when nothing is due any more. */
  idle(): Promise<void> {
    return this.#underWay;
  }

  async #run(): Promise<void> {
    const { rows, rule, signal, log } = this.#deps;
    this.#isBusy = true;
    try {
      for (;;) {
        await this.#record?.();
        this.#record = null;
        this.#cannotRecord = false;
        const current = rule(this.#name);
        if (current === null) return;
        const next = await this.#next(current);
        if (next === null) return await this.#rest(current);
        const age = new PassingAge(next.body, this.#deps.clock());
        this.#record = this.#ending(next, age, current);
        if (this.#record !== null) continue;
        rows.begun(next);
        const answer = await attempt(next, current, age, this.#deps);
        if (signal.aborted && answer.failure !== null) return;
        this.#record = async () => {
          await this.#note(next, answer, { rule: current, age });
          await rows.ended(this.#name, next);
        };
      }
    } catch (cause) {
      if (!this.#cannotRecord) log.error("delivery not recorded, trying again", { rule: this.#name, cause });
      this.#cannotRecord = true;
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * The entry to try now: of the first in the queue and the first that stepped aside, the one that has been due for
   * longer. If the first in the queue has failed, the target has a problem: then all others wait for it.
   */
  async #next({ digest }: Pick<Rule, "digest">): Promise<Delivery | null> {
    const { rows, clock } = this.#deps;
    if (this.#broughtBackFor !== digest) {
      await rows.bringBack(this.#name, digest);
      this.#broughtBackFor = digest;
    }
    const now = clock();
    const first = rows.first(this.#name);
    if (first !== null && first.triedWith !== null && first.triedWith !== digest) return first;
    if (first !== null && !isDue(first.dueAt, now)) return null;
    const aside = rows.firstAside(this.#name);
    if (aside === null || !isDue(aside.dueAt, now)) return first ?? this.#repeat(digest, now);
    return first !== null && (first.tries > 0 || first.dueAt <= aside.dueAt) ? first : aside;
  }

  /** The repeat to try now: none while a live entry waits. */
  #repeat(digest: string, now: number): Delivery | null {
    const repeat = this.#deps.rows.firstRepeat(this.#name, digest);
    return repeat !== null && isDue(repeat.dueAt, now) ? repeat : null;
  }

  /**
   * When no entry is due: tells people in one message of the entries that waited for it, and announces a target that
   * fails.
   */
  async #rest(rule: Rule | OwnRule): Promise<void> {
    const { failing, alerter, clock } = this.#deps;
    if (!("target" in rule)) return;
    const sent = isForPeople(rule) ? await alerter.summarise(rule, this.#deps) : null;
    if (sent?.failure === null) await this.recovered();
    else if (sent !== null) await failing.failed(rule, { at: clock(), reason: sent.failure });
    await failing.tell(rule, () => this.#waiting());
  }

  /** Ends an entry that must not be sent any more; null if it may. */
  #ending(next: Delivery, age: PassingAge, rule: Rule | OwnRule): (() => Promise<void>) | null {
    const { rows, clock } = this.#deps;
    // A person may have declined it since it was put behind live entries.
    if (next.isRepeat && rows.isClosed(next)) return () => rows.held(next.id, "closed", clock());
    return age.isTooOld(rule) ? () => this.#drop(next, age) : null;
  }

  async #drop({ id, entryId }: Delivery, { ms }: PassingAge): Promise<void> {
    const { rows, log, clock } = this.#deps;
    await rows.tooLate(id, clock());
    log.info("entry too old for its rule, not delivered", { rule: this.#name, entry: entryId, ageMs: ms });
  }

  async #note(
    delivery: Delivery,
    { failure, isRefused, status, ms, retryAfterMs, held }: AttemptResult,
    { rule, age }: { rule: Rule | OwnRule; age: PassingAge },
  ): Promise<void> {
    const { digest } = rule;
    const { rows, log, clock, random } = this.#deps;
    const { id, entryId, since } = delivery;
    const now = clock();
    const tries = delivery.tries + 1;
    const tried = { tries, status, ms, now };
    if (held !== undefined) return rows.held(id, held, now);
    if (failure === null) return this.#taken(id, tried);
    const refusals = refusalsOf(delivery, { isRefused, digest, now });
    const facts = { rule: this.#name, entry: entryId, reason: failure };
    if (isExhausted({ age: now - since, tries }) || (isRefused && isRefusedForGood(refusals))) {
      await rows.deadLetter(id, tried, failure);
      log.error("entry given up; see `gatepost deadletters list`", facts);
      return this.#failed(rule, { at: now, reason: failure, refusals });
    }
    const counted = { refusals: refusals.count, refusedAt: refusals.count === 0 ? null : refusals.first };
    const laterTry = isRefused ? dueAfterRefusal(refusals) : now + pauseAfter(tries, random, retryAfterMs);
    // An entry that is too old by then must not hold up those behind it.
    const dueAt = Math.min(
      isRefused || retryAfterMs ? laterTry : this.#orToTell(rule, laterTry, now),
      age.tooOldAt(rule),
    );
    await rows.postpone(id, tried, { reason: failure, dueAt, triedWith: digest, isAside: isRefused, ...counted });
    if (isRefused && refusals.count === 1) log.warn("entry refused by its target; the next ones pass it", facts);
    else if (tries === 1) log.warn("entry not delivered, trying again", facts);
    await this.#failed(rule, { at: now, reason: failure, refusals });
  }

  /** A target that has failed for five minutes is announced then, so there is a try. */
  #orToTell(rule: Rule | OwnRule, laterTry: number, now: number): number {
    const tellAt = "target" in rule ? this.#deps.failing.dueAt(rule) : Number.POSITIVE_INFINITY;
    return tellAt > now ? Math.min(laterTry, tellAt) : laterTry;
  }

  async #taken(id: number, tried: Try): Promise<void> {
    await this.#deps.rows.delivered(id, tried);
    await this.recovered();
  }

  /** Notes that the target took something: an entry, a summary or a test. */
  async recovered(): Promise<void> {
    const { failing } = this.#deps;
    if (failing.known().includes(this.#name)) await failing.recovered(this.#name, () => this.#waiting());
  }

  /** The number of entries that wait for the rule, also in a summary. */
  async #waiting(): Promise<number> {
    const { rows, alerter } = this.#deps;
    return rows.waiting(this.#name) + (await alerter.waiting(this.#name));
  }

  async #failed(
    rule: Rule | OwnRule,
    { refusals, ...failure }: { at: number; reason: string; refusals: Refusals },
  ): Promise<void> {
    if (!("target" in rule)) return;
    const refusedSince = refusals.count > 1 ? refusals.first : undefined;
    await this.#deps.failing.failed(rule, { ...failure, refusedSince });
  }
}

/** The refusals of an entry, including this try. Answers from before a change of the rule do not count. */
function refusalsOf(
  { refusals, refusedAt, triedWith }: Delivery,
  { isRefused, digest, now }: { isRefused: boolean; digest: string; now: number },
): Refusals {
  const before = triedWith === digest ? refusals : 0;
  // If the clock was set back, a first refusal that is dated ahead would make each next try due at once.
  const first = before === 0 ? now : Math.min(refusedAt ?? now, now);
  return { count: before + (isRefused ? 1 : 0), first, last: now };
}
