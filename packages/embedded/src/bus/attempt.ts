import { type Alerter, type AlertRule, type PassingAge, post, type Timeouts, why } from "@gatepost/alerts";
import { isRefusal } from "./backoff.ts";
import type { Delivery } from "./deliveries.ts";
import type { OwnRule, Rule } from "./rules.ts";
import { webhookHeaders } from "./signature.ts";
import type { WebhookTarget } from "./target.ts";

/** The result of one try. */
export interface Answer {
  /** Why it failed; null where it succeeded. */
  failure: string | null;
  /** Whether the target refused this entry, and may take others. */
  isRefused: boolean;
  /** Null where there was no answer. */
  status: number | null;
  /** ms that the try took. */
  ms: number;
  /** ms for which the target asks to be left alone, if it does. */
  retryAfterMs?: number;
  /** Why people were not told of this entry on its own. */
  held?: string;
}

export interface AttemptDeps extends Timeouts {
  clock(): number;
  allowPrivateTargets: boolean;
  alerter: Alerter;
}

/** Tries to deliver an entry once: to the webhook of its rule, or to Gatepost itself. Never throws. */
export async function attempt(
  delivery: Pick<Delivery, "entryId" | "body">,
  rule: Rule | OwnRule,
  age: PassingAge,
  deps: AttemptDeps,
): Promise<Answer> {
  const begun = performance.now();
  const answer = await outcomeOf(delivery, rule, age, deps);
  return { ...answer, ms: Math.round(performance.now() - begun) };
}

type Outcome = Omit<Answer, "ms">;

async function outcomeOf(
  delivery: Pick<Delivery, "entryId" | "body">,
  rule: Rule | OwnRule,
  age: PassingAge,
  deps: AttemptDeps,
): Promise<Outcome> {
  try {
    if ("target" in rule) {
      const { name, target } = rule;
      return await ("type" in target ? tell(delivery, { name, target }, deps) : send(delivery, target, age, deps));
    }
    await rule.hear(JSON.parse(delivery.body));
    return { failure: null, isRefused: false, status: null };
  } catch (error) {
    const failure = why(error).slice(0, 300) || "no connection";
    return { failure, isRefused: false, status: null };
  }
}

function tell({ entryId, body }: Pick<Delivery, "entryId" | "body">, rule: AlertRule, deps: AttemptDeps) {
  return deps.alerter.deliver({ entryId, envelope: JSON.parse(body) }, rule, deps);
}

async function send(
  { entryId, body }: Pick<Delivery, "entryId" | "body">,
  target: WebhookTarget,
  age: PassingAge,
  { clock, allowPrivateTargets, timeoutMs, signal }: AttemptDeps,
): Promise<Outcome> {
  const signed = webhookHeaders({ id: entryId, at: clock(), body }, target.keys);
  const own = { "content-type": "application/json", "user-agent": "gatepost" };
  const aged = age.ms === null ? {} : { "gatepost-age-ms": `${age.ms}` };
  const headers = { ...target.headers, ...signed, ...own, ...aged };
  const allowPrivate = target.allowPrivate || allowPrivateTargets;
  const { status, retryAfterMs } = await post({ url: target.url, headers, body, allowPrivate }, { timeoutMs, signal });
  const isDelivered = status >= 200 && status < 300;
  return { failure: isDelivered ? null : `answered ${status}`, isRefused: isRefusal(status), status, retryAfterMs };
}
