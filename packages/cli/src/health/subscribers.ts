import { plural } from "@gatepost/protocol";
import * as z from "zod";
import type { Api } from "../client.ts";
import { shellWord } from "../hints.ts";

const rulesSchema = z.object({
  rules: z.array(
    z.object({
      name: z.string(),
      isOn: z.boolean().default(true),
      line: z.number(),
      warning: z.string().exactOptional(),
      target: z.object({ type: z.string().exactOptional() }),
      waiting: z.number(),
      failing: z.object({ since: z.string(), reason: z.string() }).nullable().default(null),
    }),
  ),
  faults: z.array(
    z.object({ rule: z.string().nullable(), line: z.number(), column: z.number().default(1), reason: z.string() }),
  ),
});

/** How delivery to the subscribers goes. */
export interface Subscribers {
  rules: number;
  /** Entries that wait, of all rules. */
  waiting: number;
  /** What needs a hand, in words. */
  needsHand: string[];
}

/** Null on AWS, because EventBridge delivers there. */
export async function subscribersOf(api: Api, { runtime }: { runtime: string }): Promise<Subscribers | null> {
  if (runtime !== "one-machine") return null;
  const { rules, faults } = await api.ask("GET /v1/rules", { answer: rulesSchema });
  const needsHand = faults.map(
    ({ rule, line, column, reason }) =>
      `${rule === null ? "rules.json" : `rule ${rule}`}, line ${line}, column ${column}: ${reason}`,
  );
  for (const { name, line, warning, target, waiting, failing, isOn } of rules) {
    if (warning !== undefined) needsHand.push(`rule ${name}, line ${line}, can never match: ${warning}`);
    if (failing === null || !isOn) continue;
    const what = `the target of rule ${name} has taken nothing since ${failing.since} (${failing.reason})`;
    const waits = `${plural(waiting, "entry waits", "entries wait")}: \`gatepost deliveries list --rule ${shellWord(name)}\``;
    const summary = target.type === undefined ? "" : " lists them, but those in a summary";
    needsHand.push(`${what}, ${waits}${summary}`);
  }
  return { rules: rules.length, waiting: rules.reduce((sum, rule) => sum + rule.waiting, 0), needsHand };
}
