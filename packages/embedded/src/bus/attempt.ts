import { type AlertRule, type PassingAge, post, type Timeouts, why } from "@gatepost/alerts/targets";
import { dayMs, minuteMs } from "@gatepost/protocol";
import type { Delivery } from "./deliveries.ts";
import type { OwnRule, Rule } from "./rules.ts";
import { webhookHeaders } from "./signature.ts";
import type { WebhookTarget } from "./target.ts";

const first = 1000;
const maxPauseMs = 5 * minuteMs;

/**
 * An entry gets at least so many tries, however old it is: a machine that was off for days has its network only some
 * moments after its start.
 */
const minTries = 5;

/** Most ms for which a target is left alone on its own request. */
const maxAskedMs = 10 * minuteMs;

/**
 * Whole ms to wait after so many tries; no less than the target asks for. Random, so that entries that failed together
 * are not tried again together.
 */
export function pauseAfter(tries: number, random: () => number, askedMs = 0): number {
  const pause = Math.round(Math.min(maxPauseMs, first * 2 ** (tries - 1)) * (0.5 + random() / 2));
  return Math.max(pause, Math.min(Math.ceil(askedMs), maxAskedMs));
}

/** Whether an entry is given up after so many tries, when it has waited for `age` ms. */
export function isExhausted({ age, tries }: { age: number; tries: number }): boolean {
  return age >= dayMs && tries >= minTries;
}

/** An entry is given up when its target has refused it so often, over at least so many ms. */
const refusalsForGood = 3;
const refusedForMs = 10 * minuteMs;

/**
 * Whether it is time for a try. Nothing waits much longer than ten minutes, unless the clock was set back: a `dueAt`
 * that is further ahead is due now. For example, a machine may start with the time of another zone and be corrected
 * later.
 */
export function isDue(dueAt: number, now: number): boolean {
  return dueAt <= now || dueAt - now > refusedForMs + minuteMs;
}

/** How often an entry was refused, and when (ms since 1970) for the first and last time. */
export interface Refusals {
  count: number;
  first: number;
  last: number;
}

export function isRefusedForGood({ count, first, last }: Refusals): boolean {
  return count >= refusalsForGood && last - first >= refusedForMs;
}

/** When an entry that was refused is tried again: after a minute, and then at the end of the ten minutes. */
export function dueAfterRefusal({ count, first, last }: Refusals): number {
  return count < refusalsForGood - 1 ? last + minuteMs : Math.max(first + refusedForMs, last + minuteMs);
}

/** The result of one try. */
export interface AttemptResult {
  /** Why it failed; null if it succeeded. */
  failure: string | null;
  /** Whether the target refused this entry, and may take others. */
  isRefused: boolean;
  /** Null if there was no answer. */
  status: number | null;
  /** ms that the try took. */
  ms: number;
  /** ms for which the target asks to be left alone, if it does. */
  retryAfterMs?: number;
  /** Why people got no message about this entry alone. */
  held?: string;
}

/** Tells people of an entry, by the target of a rule. */
export interface Messages {
  /** Throws if the channel gave no answer. */
  deliver(
    entry: { entryId: string; envelope: unknown },
    rule: AlertRule,
    timeouts: Timeouts,
  ): Promise<Omit<AttemptResult, "ms">>;
  /** Sends what was held back, if its time has come. Null if nothing was sent. */
  summarise(rule: AlertRule, timeouts: Timeouts): Promise<Pick<AttemptResult, "failure"> | null>;
  /** The number of entries that are held back. */
  waiting(rule: string): Promise<number>;
  test(rule: AlertRule, timeouts: Timeouts): Promise<Pick<AttemptResult, "status" | "failure">>;
}

export interface AttemptDeps extends Timeouts {
  clock(): number;
  allowPrivateTargets: boolean;
  alerter: Messages;
}

type Tried = Pick<Delivery, "entryId" | "body" | "isRepeat" | "since">;

/** Tries to deliver an entry once: to the target of its rule, or to Gatepost itself. Never throws. */
export async function attempt(
  delivery: Tried,
  rule: Rule | OwnRule,
  age: PassingAge,
  deps: AttemptDeps,
): Promise<AttemptResult> {
  const begun = performance.now();
  const answer = await outcomeOf(delivery, rule, age, deps);
  return { ...answer, ms: Math.round(performance.now() - begun) };
}

type Outcome = Omit<AttemptResult, "ms">;

async function outcomeOf(delivery: Tried, rule: Rule | OwnRule, age: PassingAge, deps: AttemptDeps): Promise<Outcome> {
  try {
    if ("target" in rule) {
      const { name, target } = rule;
      if (!("type" in target)) return await send(delivery, target, age, deps);
      return await tell(delivery, { name, target }, deps);
    }
    const heard = await rule.hear(JSON.parse(delivery.body), { ...deps, entryId: delivery.entryId });
    return { failure: null, status: null, ...heard, isRefused: false };
  } catch (error) {
    const failure = why(error, "target" in rule ? rule.target.ca : null).slice(0, 300) || "no connection";
    return { failure, isRefused: false, status: null };
  }
}

/** People were told of an entry once: a repeat is another one for them. */
function tell({ entryId, body, isRepeat, since }: Tried, rule: AlertRule, deps: AttemptDeps) {
  const id = isRepeat ? `${entryId} ${since}` : entryId;
  return deps.alerter.deliver({ entryId: id, envelope: JSON.parse(body) }, rule, deps);
}

async function send(
  { entryId, body }: Tried,
  target: WebhookTarget,
  age: PassingAge,
  { clock, allowPrivateTargets, timeoutMs, signal }: AttemptDeps,
): Promise<Outcome> {
  const signed = webhookHeaders({ id: entryId, at: clock(), body }, target.keys);
  const ownHeaders = { "content-type": "application/json", "user-agent": "gatepost" };
  const aged = age.ms === null ? {} : { "gatepost-age-ms": `${age.ms}` };
  const headers = { ...target.headers, ...signed, ...ownHeaders, ...aged };
  const allowPrivate = target.allowPrivate || allowPrivateTargets;
  const { url, ca } = target;
  const { status, retryAfterMs } = await post({ url, headers, body, allowPrivate, ca }, { timeoutMs, signal });
  const isDelivered = status >= 200 && status < 300;
  return { failure: isDelivered ? null : `answered ${status}`, isRefused: isRefusal(status), status, retryAfterMs };
}

/** Statuses 400–499 that are about the target, its load or its keys, and not about the entry. */
const passingStatuses = new Set([401, 403, 404, 408, 425, 429]);

/** Whether a status says that the target refuses this entry. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && !passingStatuses.has(status);
}
