import type { Log } from "@gatepost/core/log";
import {
  type BusEntry,
  dayMs,
  instant,
  minuteMs,
  parseStored,
  type TargetEntry,
  targetHeard,
} from "@gatepost/protocol";
import * as z from "zod";

/** A target counts as failing after so many tries, over at least so many ms, of which none succeeded. */
const minTries = 3;
const failingMs = 5 * minuteMs;

/** ms for which a failure is remembered without another try. */
const keptMs = 28 * dayMs;

/** Characters of a reason. */
const maxReason = 300;

/** A target that takes nothing. */
const failingTarget = z.object({
  /** ms since 1970. */
  since: z.int(),
  /** How many tries failed. 0: it has recovered. */
  tries: z.int(),
  /** Why the last one did. */
  reason: z.string(),
});

export type FailingTarget = z.output<typeof failingTarget>;

const failingState = z.object({
  ...failingTarget.shape,
  isTold: z.boolean(),
  /** `targetDigest` of the rule at the failures. */
  target: z.string().default(""),
  /** The last failure that was announced before, also of an earlier target, if the rule has not recovered since. */
  toldBefore: failingTarget.nullable().default(null),
});

type State = z.output<typeof failingState>;

/** A rule, and what changes whenever its target is another one. */
interface TargetOfRule {
  name: string;
  targetDigest: string;
}

/** The last announced failure from which a rule has not recovered. */
function announcedIn({ isTold, since, tries, reason, toldBefore }: State): FailingTarget | null {
  return isTold ? { since, tries, reason } : toldBefore;
}

const nameOf = (rule: string) => `failing ${rule}`;

/** Rows by name, with a version that each write raises. */
export interface FailureMemory {
  get(names: readonly string[]): Promise<ReadonlyMap<string, { value: unknown; version: number }>>;
  /** False, and not written, if the row has another version; 0: there is none. */
  put(name: string, value: object, how: { version: number; keepMs: number }): Promise<boolean>;
}

interface Deps {
  memory: FailureMemory;
  bus: { put(entry: BusEntry): Promise<unknown> };
  log: Log;
  clock(): number;
}

interface Failure {
  /** ms since 1970. */
  at: number;
  reason: string;
  /** When the target refused the entry first, if it refuses it again. */
  refusedSince?: number | undefined;
}

/** Counts the entries that wait for a rule. */
type Waiting = () => Promise<number>;

/**
 * Announces once that the target of a rule takes nothing, and once that it has recovered. The failures are durable, so a
 * restart announces neither a second time: both entries have an id of the rule and the first failure. The failures of an
 * earlier target of a rule do not count for a later one. If they were announced, so is the recovery once the later one
 * takes something.
 */
export class FailingTargets {
  readonly #deps: Deps;
  /** The targets that took nothing the last time, by their rules, as far as this process knows. */
  readonly #known = new Map<string, State>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Reads the failures that an earlier process has noted. */
  async load(rules: readonly string[]): Promise<void> {
    for (const rule of rules) this.#remember(rule, (await this.#read(rule)).state);
  }

  /** The rules of which this process knows a failure. */
  known(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** The failing target of a rule, once its failure was announced. */
  announced(rule: TargetOfRule): FailingTarget | null {
    const state = this.#stateOf(rule);
    return state?.isTold === true ? announcedIn(state) : null;
  }

  #stateOf({ name, targetDigest }: TargetOfRule): State | null {
    const state = this.#known.get(name);
    return state?.target === targetDigest ? state : null;
  }

  /** When a target counts as failing (ms since 1970), if it still takes nothing then; Infinity if it does already. */
  dueAt(rule: TargetOfRule): number {
    const state = this.#stateOf(rule);
    return state === null || state.isTold ? Number.POSITIVE_INFINITY : state.since + failingMs;
  }

  /** Notes that a target took nothing. Never throws: entries are delivered also if this cannot be noted. */
  async failed(rule: TargetOfRule, failure: Failure): Promise<void> {
    await this.#failed(rule, failure).catch((cause: unknown) => {
      this.#deps.log.warn("could not note that a target fails", { rule: rule.name, cause });
    });
  }

  async #failed(
    { name: rule, targetDigest: target }: TargetOfRule,
    { at, reason, refusedSince }: Failure,
  ): Promise<void> {
    const { state: known, version } = await this.#read(rule);
    const before = known?.target === target ? known : null;
    // An entry that is refused again says nothing about a target that has taken another one since.
    if (refusedSince !== undefined && (before === null || before.since > refusedSince)) return;
    const tries = (before?.tries ?? 0) + 1;
    // If the clock was set back, a failure that is dated ahead begins now.
    const since = Math.min(before?.since ?? at, at);
    const isTold = before?.isTold ?? false;
    const shown = { since, tries, reason: reason.slice(0, maxReason).toWellFormed() };
    const state = { ...shown, isTold, target, toldBefore: known && announcedIn(known) };
    await this.#write(rule, state, { version, keepMs: keptMs });
    this.#remember(rule, state);
  }

  /** Announces a target that counts as failing, once. Throws if that fails: then call it again. */
  async tell(of: TargetOfRule, waiting: Waiting): Promise<void> {
    const known = this.#stateOf(of);
    if (known === null || known.isTold || known.tries < minTries || this.dueAt(of) > this.#deps.clock()) return;
    const { name: rule } = of;
    const { state, version } = await this.#read(rule);
    if (state === null) return;
    if (!state.isTold) {
      await this.#announce("Target Failing", rule, state, await waiting());
      this.#deps.log.warn("target takes nothing", { rule, since: instant(state.since), reason: state.reason });
    }
    const told = { ...state, isTold: true };
    await this.#write(rule, told, { version, keepMs: keptMs });
    this.#remember(rule, told);
  }

  /** Notes that a target took an entry. Throws if its recovery cannot be announced: then call it again. */
  async recovered(rule: string, waiting: Waiting): Promise<void> {
    const { state, version } = await this.#read(rule);
    const announced = state && announcedIn(state);
    if (announced !== null) {
      await this.#announce("Target Recovered", rule, announced, await waiting());
      this.#deps.log.info("target recovered", { rule, since: instant(announced.since) });
    }
    await this.#end(rule, state, version);
  }

  /** Forgets the failures of a removed rule. */
  async forget(rule: string): Promise<void> {
    const { state, version } = await this.#read(rule);
    await this.#end(rule, state, version);
  }

  async #end(rule: string, state: State | null, version: number): Promise<void> {
    if (state !== null) await this.#write(rule, { ...state, tries: 0 }, { version, keepMs: 0 });
    this.#known.delete(rule);
  }

  #remember(rule: string, state: State | null): void {
    if (state === null) this.#known.delete(rule);
    else this.#known.set(rule, state);
  }

  async #announce(
    detailType: TargetEntry["detailType"],
    rule: string,
    { since, tries, reason }: FailingTarget,
    waiting: number,
  ): Promise<void> {
    const detail = { rule, since: instant(since), tries, reason, waiting };
    await this.#deps.bus.put(targetHeard(detailType, { ...detail, at: this.#deps.clock() }));
  }

  /** Without effect if another process was faster: it saw the same target. */
  async #write(rule: string, state: State, how: { version: number; keepMs: number }): Promise<void> {
    await this.#deps.memory.put(nameOf(rule), state, how);
  }

  async #read(rule: string): Promise<{ state: State | null; version: number }> {
    const name = nameOf(rule);
    const row = (await this.#deps.memory.get([name])).get(name);
    if (row === undefined) return { state: null, version: 0 };
    const state = parseStored(failingState, row.value, `alert ${name}`);
    return { state: state.tries === 0 ? null : state, version: row.version };
  }
}
