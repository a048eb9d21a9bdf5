import { hourMs } from "@gatepost/protocol";
import { AlertRowNames, type AlertRows } from "./alert-rows.ts";

/** How long a person is muted, ms. */
const mutedMs = hourMs;

interface Deps {
  alertRows: AlertRows;
  cursorSecret: Buffer;
  clock(): number;
}

/**
 * Keeps a rule from alerting of a person for an hour from now. Durable when it resolves. Returns the end, ms since
 * 1970.
 */
export async function mute(rule: string, person: string, { alertRows, cursorSecret, clock }: Deps): Promise<number> {
  const until = clock() + mutedMs;
  const name = new AlertRowNames(cursorSecret).mute(rule, person);
  const held = (await alertRows.get([name])).get(name);
  // If this fails, another click was faster, and the hour began with that one.
  await alertRows.put(name, { until }, { version: held?.version ?? 0, keepMs: mutedMs });
  return until;
}
