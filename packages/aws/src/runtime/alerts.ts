import { Alerter } from "@gatepost/alerts";
import { Zone } from "@gatepost/core/statistics";
import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { AlertQueue } from "../bus/alert-queue.ts";
import { readAlertRules } from "../bus/alert-rules.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { awsReads, cursorSecret, type ReadWiring } from "./reads.ts";

/** ms for which the function may run. */
const underWayMs = 20_000;

const variables = z.object({
  GATEPOST_ALERTS: z.string(),
  GATEPOST_ALERT_SECRETS: z.string(),
  GATEPOST_CURSOR_SECRET: cursorSecret,
  GATEPOST_PUBLIC_URL: z.url(),
  GATEPOST_ALERT_ZONE: z._default(z.string(), "UTC"),
});

/**
 * Makes the handler of the queue of alerts, which also runs every minute without a message. Call it once in a process.
 *
 * @example
 * export const handler = awsAlerts(awsRuntime());
 */
export function awsAlerts(ingest: Ports, env: Environment = process.env, wiring: Partial<ReadWiring> = {}) {
  const read = readEnvironment(variables, env);
  const { log, clock } = ingest;
  const { rules, faults } = readAlertRules(read.GATEPOST_ALERTS, read.GATEPOST_ALERT_SECRETS);
  for (const fault of faults) log.error("rule left out", { ...fault });
  const { events, pictures, alertRows: rows } = awsReads(ingest, env, wiring);
  const alerter = new Alerter({
    ...{ rows, pictures, log, clock, secret: read.GATEPOST_CURSOR_SECRET },
    find: (id) => events.get(id),
    publicUrl: () => read.GATEPOST_PUBLIC_URL,
    zone: Zone.find(read.GATEPOST_ALERT_ZONE) ?? Zone.utc,
    allowPrivateTargets: false,
    underWayMs,
  });
  const queue = new AlertQueue({ alerter, rules: new Map(rules.map((rule) => [rule.name, rule])), log, clock });
  return (event: unknown) => queue.take(event);
}
