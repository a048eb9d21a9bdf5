import type { Settings } from "@gatepost/ingest";
import * as z from "zod";
import type { Environment } from "./names.ts";

const yes = z
  .enum(["0", "1"])
  .default("0")
  .transform((sent) => sent === "1");

const variables = z.object({
  GATEPOST_RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(90),
  GATEPOST_KEEP_FEATURES: yes,
  GATEPOST_ANNOUNCE_EVENTS: yes,
});

/** What the deployment chose. There is no open box on the internet. */
export function settingsIn(env: Environment): Settings {
  const { GATEPOST_RETENTION_DAYS, GATEPOST_KEEP_FEATURES, GATEPOST_ANNOUNCE_EVENTS } = variables.parse(env);
  return {
    retentionDays: GATEPOST_RETENTION_DAYS,
    keepFeatures: GATEPOST_KEEP_FEATURES,
    openBox: null,
    announceEvents: GATEPOST_ANNOUNCE_EVENTS,
  };
}
