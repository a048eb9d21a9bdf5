import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import {
  channelOf,
  type FailingTarget,
  FailingTargets,
  type FailureMemory,
  PassingAge,
} from "@gatepost/alerts/targets";
import type { ActionBus } from "@gatepost/core/actions";
import type { RuleRefusal } from "@gatepost/core/deliveries";
import { GatepostError } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import type { Resend, ResendCounts } from "@gatepost/core/rules";
import { matches } from "@gatepost/event-pattern";
import { type BusEntry, eventIdOf, instant } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import { attempt, type Messages } from "./attempt.ts";
import { DeliveryRows } from "./deliveries.ts";
import { DeliveryWorker, type WorkerDeps } from "./delivery-worker.ts";
import { envelopeOf } from "./envelope.ts";
import { KeptRules } from "./kept-rules.ts";
import {
  type FileFault,
  isForPeople,
  isOfBrowser,
  type OwnRule,
  type PeopleRule,
  type Rule,
  type RuleSet,
} from "./rules.ts";
import { RulesFile } from "./rules-file.ts";

export interface BusOptions {
  /** Whether every rule may send to private addresses. */
  allowPrivateTargets?: boolean;
  /** Whether rules may expect `Face Event Recorded`; as the settings announce events if absent. */
  announceEvents?: boolean;
  /** ms for one try to deliver an entry. */
  timeoutMs?: number;
  /** ms that tries in progress have to finish when the bus closes. */
  closeTimeoutMs?: number;
  random?: () => number;
}

interface Deps {
  rulesFile: string;
  /** Rules that are not in the file, and do not change. */
  ownRules?: readonly OwnRule[];
  /** The rules that notify browsers, by their names, as they are now. */
  pushRules?: { readonly current: ReadonlyMap<string, OwnRule> };
  /** Tells people. */
  alerter: Messages;
  /** The memory of failing targets. */
  memory: FailureMemory;
  log: Log;
  clock: () => number;
}

const defaults = {
  allowPrivateTargets: false,
  announceEvents: true,
  timeoutMs: 10_000,
  closeTimeoutMs: 3000,
  random: Math.random,
};

/**
 * The bus of one machine. An entry that matches a rule of rules.json is stored until the rule's webhook has taken it.
 */
export class EmbeddedBus implements ActionBus {
  readonly #rules: RulesFile;
  readonly #ownRules: ReadonlyMap<string, OwnRule>;
  readonly #pushRules: { readonly current: ReadonlyMap<string, OwnRule> };
  readonly #announceEvents: boolean;
  readonly #rows: DeliveryRows;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #closeTimeoutMs: number;
  /** One for each name that a rule has had: if a rule is added again, its last try may still be under way. */
  readonly #workers = new Map<string, DeliveryWorker>();
  readonly #deps: WorkerDeps;
  readonly #failing: FailingTargets;
  readonly #end = new AbortController();
  /** The rules at the last comparison with the delivery workers. */
  #tended: readonly [RuleSet, ReadonlyMap<string, OwnRule>] | null = null;
  #isDelivering = false;

  constructor(
    database: DatabaseSync,
    writer: Writer,
    {
      rulesFile,
      ownRules = [],
      pushRules = { current: new Map() },
      alerter,
      memory,
      log,
      clock,
      ...options
    }: BusOptions & Deps,
  ) {
    const { closeTimeoutMs, ...settings } = { ...defaults, ...options };
    const kept = new KeptRules(database, writer, log);
    const { allowPrivateTargets, announceEvents } = settings;
    this.#rules = new RulesFile(rulesFile, { log, clock, kept, allowPrivateTargets, announceEvents });
    this.#ownRules = new Map(ownRules.map((rule) => [rule.name, rule]));
    this.#pushRules = pushRules;
    this.#announceEvents = announceEvents;
    this.#rows = new DeliveryRows(database, writer);
    this.#log = log;
    this.#clock = clock;
    this.#closeTimeoutMs = closeTimeoutMs;
    const rule = (name: string) => this.#ruleToDeliver(name);
    this.#failing = new FailingTargets({ memory, bus: this, log, clock });
    this.#deps = {
      ...settings,
      failing: this.#failing,
      rows: this.#rows,
      alerter,
      log,
      clock,
      rule,
      signal: this.#end.signal,
    };
  }

  /**
   * Resolves once the entry is durable for each rule that it matches. An entry that matches none is not stored. It is
   * told if one of these rules does not drop it for its age.
   */
  async put(entry: BusEntry): Promise<boolean> {
    const known = this.#rules.current();
    if (known === null) throw new Error("rules.json cannot be used, so the receivers of this entry are unknown");
    const envelope = envelopeOf(entry);
    // Without `announceEvents` only browsers hear of recorded events.
    const isForFile = this.#announceEvents || entry.detailType !== "Face Event Recorded";
    const rules = [...(isForFile ? onlyOn(known.rules.values()) : []), ...this.#own()];
    const failing = "rule" in entry.detail ? known.rules.get(entry.detail.rule) : undefined;
    const matching = rules.filter((rule) => matches(rule.pattern, envelope) && !isOneTarget(rule, failing));
    if (matching.length === 0) return false;
    const names = matching.map(({ name }) => name);
    const { id: entryId, detailType } = entry;
    const body = JSON.stringify(envelope);
    await this.#rows.add({ entryId, detailType, eventId: eventIdOf(entry), body, now: this.#clock() }, names);
    for (const name of names) this.#wake(name);
    if (matching.some(({ maxAgeSeconds }) => maxAgeSeconds === undefined)) return true;
    const age = new PassingAge(body, this.#clock());
    return matching.some((rule) => !age.isTooOld(rule));
  }

  /**
   * The rule that entries are sent to again. Throws GatepostError conflict if it has another version than at the
   * request, or takes nothing.
   */
  resendable(name: string, version: string, mayBeOff: boolean): Rule {
    const rule = this.#rules.current()?.rules.get(name);
    if (rule === undefined) throw notResendable("gone");
    if (rule.digest !== version) throw notResendable("changed");
    if (mayBeOff) return rule;
    if (!rule.isOn) throw notResendable("off");
    if (this.failing(rule) !== null) throw notResendable("failing");
    return rule;
  }

  /** Puts an entry behind the live ones of a rule, unless the rule has had it. */
  async putAgain(entry: BusEntry, { rule, version, job }: Resend & { job: string }): Promise<void> {
    const { id: entryId, detailType } = entry;
    const body = JSON.stringify(envelopeOf(entry));
    const again = { job, version };
    await this.#rows.add({ entryId, detailType, eventId: eventIdOf(entry), body, now: this.#clock(), again }, [rule]);
    this.#wake(rule);
  }

  /** The number of entries of a job that wait. Throws as `resendable`. */
  waitingAgain({ rule, version, job }: Resend): number {
    this.resendable(rule, version, job === null);
    return job === null ? 0 : this.#rows.waitingAgain(job);
  }

  /** The entries of a job that has ended, by what became of each. */
  outcomesOf(rule: string, job: string): Partial<ResendCounts> {
    return this.#rows.outcomesOf(rule, job);
  }

  /** Removes the entries of a job that still wait. */
  takeBack(job: string): Promise<void> {
    return this.#rows.takeBack(job);
  }

  /** The number of entries that wait for a rule, also in a summary. */
  async waiting(rule: string): Promise<number> {
    return this.#rows.waiting(rule) + (await this.#deps.alerter.waiting(rule));
  }

  /** Why nothing can be sent to a rule now; null if it is valid and on. */
  refusalOf(name: string): RuleRefusal | null {
    const rule = this.#rules.current()?.rules.get(name);
    if (rule === undefined) return "refused";
    return rule.isOn ? null : "off";
  }

  /** The valid rules. */
  rules(): Rule[] {
    return [...(this.#rules.current()?.rules.values() ?? [])];
  }

  isAnyOn(): boolean {
    return this.rules().some(({ isOn }) => isOn);
  }

  /** The same object as long as the rules do not change; null if they are unknown. */
  ruleSet(): object | null {
    return this.#rules.current();
  }

  /** The errors of rules.json by their places, and how many targets fail. Anyone may read them: they name no rule. */
  concerns(): string[] {
    const failing = this.rules().filter((rule) => rule.isOn && this.failing(rule) !== null).length;
    return [
      ...this.#rules.concerns(),
      ...(failing === 0 ? [] : [`targets that take nothing: ${failing}; see Rules, or gatepost status`]),
    ];
  }

  /** The failing target of a rule; null if it takes entries. */
  failing(rule: Rule): FailingTarget | null {
    return this.#failing.announced(rule);
  }

  /** The fault of rules.json as a whole, and the text that is used instead; null if it could be read. */
  fileFault(): { fault: FileFault; usedText: string } | null {
    const fault = this.#rules.fault();
    return fault && { fault, usedText: this.#rules.lastGoodText() ?? "" };
  }

  /** Sends a test to the target of a rule, once. Null if the rule does not exist. */
  async ping(name: string): Promise<{ status: number | null; ms: number; reason: string | null } | null> {
    const rule = this.rules().find((one) => one.name === name);
    if (rule === undefined) return null;
    const result = isForPeople(rule) ? await testOf(rule, this.#deps) : await this.#pingWebhook(rule);
    if (result.reason === null) await this.#workers.get(name)?.recovered();
    return result;
  }

  async #pingWebhook(rule: Rule): Promise<{ status: number | null; ms: number; reason: string | null }> {
    const now = this.#clock();
    const id = `ping_${randomUUID()}`;
    const detail = { idempotency_key: id, event: { id }, photo: null };
    const entry: BusEntry = { source: "gatepost", id, detailType: "Gatepost Test", time: instant(now), detail };
    const body = JSON.stringify(envelopeOf(entry));
    const { status, ms, failure } = await attempt(
      { entryId: id, body, isRepeat: false, since: now },
      rule,
      new PassingAge(body, now),
      this.#deps,
    );
    return { status, ms, reason: failure };
  }

  /** Delivers all due entries, and turns the entries of removed rules into dead letters. Call it every second. */
  async tick(): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#isDelivering = true;
    const rules = this.#rules.current();
    if (rules === null) return;
    if (this.#tended === null) await this.#failing.load([...rules.names]);
    for (const name of rules.rules.keys()) this.#wake(name);
    for (const { name } of this.#own()) this.#wake(name);
    const push = this.#pushRules.current;
    if (rules === this.#tended?.[0] && push === this.#tended[1]) return;
    await this.#giveUpLinesWithout(rules);
    this.#tended = [rules, push];
  }

  /** Resolves when nothing is due any more. */
  async idle(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.idle()));
  }

  /** Starts no more deliveries, and aborts those that take too long. They are tried again at the next start. */
  async close(): Promise<void> {
    this.#isDelivering = false;
    const late = setTimeout(() => this.#end.abort(), this.#closeTimeoutMs);
    await this.idle();
    clearTimeout(late);
    this.#end.abort();
  }

  #wake(name: string): void {
    if (!this.#isDelivering) return;
    const worker = this.#workers.get(name) ?? new DeliveryWorker(name, this.#deps);
    this.#workers.set(name, worker);
    worker.wake();
  }

  #ruleToDeliver(name: string): Rule | OwnRule | null {
    if (!this.#isDelivering) return null;
    const ownRule = this.#ownRules.get(name) ?? this.#pushRules.current.get(name);
    const rule = this.#rules.current()?.rules.get(name);
    return ownRule ?? (rule?.isOn === true ? rule : null);
  }

  #own(): OwnRule[] {
    return [...this.#ownRules.values(), ...this.#pushRules.current.values()];
  }

  #isKnown(name: string, names: ReadonlySet<string>): boolean {
    return names.has(name) || this.#ownRules.has(name) || this.#pushRules.current.has(name);
  }

  async #giveUpLinesWithout({ names }: RuleSet): Promise<void> {
    for (const rule of this.#failing.known()) if (!names.has(rule)) await this.#failing.forget(rule);
    for (const rule of (await this.#rows.rules()).filter((name) => !this.#isKnown(name, names))) {
      if (isOfBrowser(rule)) {
        await this.#rows.drop(rule, { why: "gone", now: this.#clock() });
        continue;
      }
      // A job puts no dead letters: it is told that the rule is gone.
      await this.#rows.takeBackFrom(rule);
      const entries = await this.#rows.deadLetterQueue(rule, { reason: "the rule was removed", now: this.#clock() });
      this.#log.warn("the entries of a removed rule are dead letters now", { rule, entries });
    }
  }
}

/** Whether two rules send to one target: a failing target gets nothing about its own failures. */
function isOneTarget(rule: Rule | OwnRule, other: Rule | undefined): boolean {
  if (other === undefined || !("target" in rule)) return false;
  const [one, another] = [rule, other].map(({ target }) => ("type" in target ? channelOf(target) : [target.url.href]));
  return isDeepStrictEqual(one, another);
}

function onlyOn(rules: Iterable<Rule>): Rule[] {
  return [...rules].filter(({ isOn }) => isOn);
}

/** Why a rule gets nothing again. */
function notResendable(why: "gone" | "changed" | "off" | "failing"): GatepostError {
  return new GatepostError("conflict", sentences[why]);
}

const sentences = {
  gone: "there is no such rule any more, or it cannot be used",
  changed: "the rule was changed since; ask for it again",
  off: "the rule is off; switch it on, and ask for it again",
  failing: "the target of the rule takes nothing; ask for it again when it has recovered",
} as const;

/** Sends a test to people. */
async function testOf(
  rule: PeopleRule,
  deps: WorkerDeps,
): Promise<{ status: number | null; ms: number; reason: string | null }> {
  const begun = performance.now();
  const { status, failure } = await deps.alerter.test(rule, deps).catch((error: unknown) => {
    return { status: null, failure: error instanceof Error ? error.message : String(error) };
  });
  return { status, ms: Math.round(performance.now() - begun), reason: failure };
}
