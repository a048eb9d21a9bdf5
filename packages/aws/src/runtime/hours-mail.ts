import { mailerOf } from "@gatepost/alerts";
import { mailHours, mailResets } from "@gatepost/api";
import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { readAlertRules } from "../alerts/alert-rules.ts";
import { type Environment, readEnvironment, serverFacts } from "./environment.ts";
import { awsReads, type ReadWiring } from "./reads.ts";

/** ms after which no further mail is begun: a mail takes up to two minutes, and the function may run for 290 s. */
const beginsForMs = 150_000;

const variables = z.object({ GATEPOST_ALERTS: z.string(), GATEPOST_ALERT_SECRETS: z.string() });

/**
 * Makes the scheduled handler that mails the hours of sites, and tells people whose second factors were taken away, over
 * the server of the first rule that sends e-mail. A mail is sent within five minutes after its time. Call it once in a process.
 *
 * @example
 * export const handler = awsHoursMail(awsRuntime());
 */
export function awsHoursMail(
  ingest: Pick<Ports, "keys" | "log" | "clock" | "settings">,
  env: Environment = process.env,
  wiring: Partial<ReadWiring> = {},
) {
  const read = readEnvironment(variables, env);
  const { log, clock, settings } = ingest;
  const { rules, faults } = readAlertRules(read.GATEPOST_ALERTS, read.GATEPOST_ALERT_SECRETS);
  for (const fault of faults) log.error("rule left out", { ...fault });
  const targets = rules.map(({ target }) => target);
  const deps = {
    ...awsReads(ingest, env, wiring),
    server: serverFacts(settings),
    mailer: mailerOf({ targets: () => targets, allowPrivateTargets: false, log }),
    log,
    clock,
  };
  return async (): Promise<void> => {
    const until = performance.now() + beginsForMs;
    await mailResets(deps);
    await mailHours(deps, () => performance.now() < until);
  };
}
