import { auditActor } from "@gatepost/core/audit";
import { cardOf, type NotAgain, shownCard } from "@gatepost/core/cards";
import { channels, type RuleListing } from "@gatepost/core/rules";
import * as z from "zod";
import { actorsOf } from "../access/actors.ts";
import { namedObject, sentObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";

export const channel = z.enum(channels);
export const quiet = sentObject("QuietHours", {
  from: z.string().max(5),
  to: z.string().max(5),
  zone: z.string().max(64),
});
export const cooldownPer = z.enum(["gate", "person"]);

const alertAnswer = {
  type: channel.exactOptional().meta({ description: "Of a rule that alerts people; absent for a webhook." }),
  to: z.string().exactOptional(),
  template: z.string().exactOptional(),
  cooldownSeconds: z.int().exactOptional(),
  cooldownPer: cooldownPer.exactOptional(),
  quiet: quiet.exactOptional(),
};

/** A rule as readers get it. */
export const shownRule = namedObject("Rule", {
  name: z.string(),
  isOn: z.boolean(),
  card: shownCard,
  by: auditActor.nullable().meta({ description: "Who changed it last by the API; null if it was written by hand." }),
  changedAt: z.iso.datetime().nullable(),
  offSince: z.iso.datetime().nullable(),
  today: z.int().meta({ description: "Entries that its target took since midnight, in the zone of the server." }),
  line: z.int(),
  pattern: z.unknown(),
  target: namedObject("Target", {
    url: z.string().meta({
      description:
        "Of an alert, with stars for its secret parts; of a webhook, to a read key, with stars behind its host.",
    }),
    headers: z.array(z.string()),
    isSigned: z.boolean(),
    allowPrivate: z.boolean(),
    ...alertAnswer,
  }),
  maxAgeSeconds: z.int().exactOptional(),
  warning: z.string().exactOptional().meta({ description: "Why the rule can never match; absent if it may." }),
  waiting: z.int().meta({ description: "Also those in a summary, which `GET /v1/deliveries` does not list." }),
  dead: z.int(),
  failing: z.object({ since: z.iso.datetime(), reason: z.string() }).nullable().meta({
    description: "Since when its target has taken nothing, and why; null if it has not failed for five minutes.",
  }),
  last: z.object({ at: z.iso.datetime(), status: z.int().nullable(), ms: z.int() }).nullable(),
});

/** Seconds without a second alert, unless a rule sets another number. */
const usualSeconds = 300;

/** Rules as readers get them: with their cards, and with the names of those who changed them. */
export async function shownRules(
  rules: readonly RuleListing[],
  deps: Pick<ApiPorts, "accounts" | "keyAdmin">,
): Promise<z.output<typeof shownRule>[]> {
  const actorOf = await actorsOf(
    rules.flatMap(({ changed }) => changed?.by ?? []),
    deps,
  );
  return rules.map(({ changed, ...rule }) => ({
    ...rule,
    card: { ...(cardOf(rule.pattern) ?? { kind: "own" as const }), ...repeatsOf(rule.target) },
    by: changed === null ? null : actorOf(changed.by),
    changedAt: changed?.at ?? null,
    offSince: changed?.offSince ?? null,
  }));
}

/** Of a rule that tells people. */
function repeatsOf({ type, cooldownSeconds, cooldownPer: per }: RuleListing["target"]): { notAgain?: NotAgain } {
  if (type === undefined) return {};
  return { notAgain: { seconds: cooldownSeconds ?? usualSeconds, per: per ?? "gate" } };
}
