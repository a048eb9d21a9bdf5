import { minuteMs, plural } from "@gatepost/protocol";
import * as z from "zod";
import type { Api } from "../client.ts";
import { shellWord } from "../hints.ts";

const rulesSchema = z.object({
  rules: z.array(
    z.object({ name: z.string(), line: z.number(), warning: z.string().exactOptional(), waiting: z.number() }),
  ),
  faults: z.array(
    z.object({ rule: z.string().nullable(), line: z.number(), column: z.number().default(1), reason: z.string() }),
  ),
});

const firstSchema = z.object({
  deliveries: z.array(z.object({ since: z.iso.datetime(), lastAnswer: z.string().nullable() })),
});

/** ms for which an entry may wait before a user should look: most targets are back by then. */
const maxWaitMs = 5 * minuteMs;

/** How delivery to the subscribers goes. */
export interface Subscribers {
  rules: number;
  /** Entries that wait, of all rules. */
  waiting: number;
  /** What needs a hand, in words. */
  needsHand: string[];
}

/** The runtime and the scope of the asking key. */
interface Asker {
  runtime: string;
  scope: string;
}

/** Null on AWS, because EventBridge delivers there. Only a key of scope admin sees since when entries wait, and why. */
export async function subscribersOf(api: Api, { runtime, scope }: Asker): Promise<Subscribers | null> {
  if (runtime !== "one-machine") return null;
  const { rules, faults } = await api.ask("GET /v1/rules", { answer: rulesSchema });
  const needsHand = faults.map(
    ({ rule, line, column, reason }) =>
      `${rule === null ? "rules.json" : `rule ${rule}`}, line ${line}, column ${column}: ${reason}`,
  );
  for (const { name, line, warning, waiting } of rules) {
    if (warning !== undefined) needsHand.push(`rule ${name}, line ${line}, can never match: ${warning}`);
    if (waiting > 0 && scope === "admin") needsHand.push(...(await stuckIn(name, waiting, api)));
  }
  return { rules: rules.length, waiting: rules.reduce((sum, rule) => sum + rule.waiting, 0), needsHand };
}

/** A note about a rule whose first entry was tried in vain and has waited for long. */
async function stuckIn(rule: string, waiting: number, api: Api): Promise<string[]> {
  const { deliveries } = await api.ask("GET /v1/deliveries", { query: { rule, limit: 1 }, answer: firstSchema });
  return deliveries.flatMap(({ since, lastAnswer }) => {
    if (lastAnswer === null || Date.now() - Date.parse(since) < maxWaitMs) return [];
    const what = `${plural(waiting, "entry waits", "entries wait")} for rule ${rule} since ${since}`;
    return [`${what} (${lastAnswer}): \`gatepost deliveries list --rule ${shellWord(rule)}\``];
  });
}
