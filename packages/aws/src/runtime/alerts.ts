import { Alerter } from "@gatepost/alerts";
import { Zone } from "@gatepost/core/zones";
import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { AlertQueue } from "../alerts/alert-queue.ts";
import { readAlertRules } from "../alerts/alert-rules.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";
import { Notifications } from "../push/notifications.ts";
import { connect, limits as usual } from "./clients.ts";
import { type Environment, readEnvironment, resourceName } from "./environment.ts";
import { pushOn } from "./push.ts";
import { awsReads, type ReadWiring, cursorSecret as secret } from "./reads.ts";

/** ms for which the function may run. */
const underWayMs = 20_000;

const variables = z.object({
  GATEPOST_TABLE: resourceName,
  GATEPOST_ALERTS: z.string(),
  GATEPOST_ALERT_SECRETS: z.string(),
  GATEPOST_CONTACT: z.optional(z.email()),
  GATEPOST_CURSOR_SECRET: secret,
  GATEPOST_PUBLIC_URL: z.url(),
  GATEPOST_ALERT_ZONE: z._default(z.string(), "UTC"),
});

/**
 * Makes the handler of the queues of alerts and notifications. With rules it also runs every minute without a message.
 * Call it once in a process.
 *
 * @example
 * export const handler = awsAlerts(awsRuntime());
 */
export function awsAlerts(ingest: Ports, env: Environment = process.env, wiring: Partial<ReadWiring> = {}) {
  const read = readEnvironment(variables, env);
  const { log, clock } = ingest;
  const { rules, faults } = readAlertRules(read.GATEPOST_ALERTS, read.GATEPOST_ALERT_SECRETS);
  for (const fault of faults) log.error("rule left out", { ...fault });
  const { limits = usual } = wiring;
  const { clients = connect({ ...limits, index: limits.read }) } = wiring;
  const reads = awsReads(ingest, env, { limits, clients });
  const cursorSecret = read.GATEPOST_CURSOR_SECRET;
  const alerter = new Alerter({
    rows: reads.alertRows,
    pictures: reads.pictures,
    log,
    clock,
    secret: cursorSecret,
    find: (id) => reads.events.get(id),
    publicUrl: () => read.GATEPOST_PUBLIC_URL,
    zone: Zone.find(read.GATEPOST_ALERT_ZONE) ?? Zone.utc,
    allowPrivateTargets: false,
    underWayMs,
  });
  const items = new DynamoItems(new Dynamo(clients.dynamo, read.GATEPOST_TABLE, limits.read), clock);
  const alarms = read.GATEPOST_CONTACT ?? null;
  const { subscriptions, sender: notifier } = pushOn({ items, reads, alarms, cursorSecret, log, clock });
  const notifications = new Notifications({ subscriptions, notifier, log, clock });
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const queue = new AlertQueue({ alerter, rules: byName, notifications, log, clock });
  return (event: unknown) => queue.take(event);
}
