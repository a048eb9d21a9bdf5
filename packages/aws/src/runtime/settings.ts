import type { Settings } from "@gatepost/ingest";
import * as z from "zod/mini";
import type { Environment } from "../names.ts";

const yes = z.pipe(
  z._default(z.enum(["0", "1"]), "0"),
  z.transform((sent) => sent === "1"),
);
const days = z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(3650)), 90);

const variables = z.object({
  GATEPOST_RETENTION_DAYS: days,
  GATEPOST_KEEP_FEATURES: yes,
  GATEPOST_ANNOUNCE_EVENTS: yes,
});

/** Reads the settings of the deployment. There is no open box on the internet. */
export function settingsIn(env: Environment): Settings {
  const { GATEPOST_RETENTION_DAYS, GATEPOST_KEEP_FEATURES, GATEPOST_ANNOUNCE_EVENTS } = variables.parse(env);
  return {
    retentionDays: GATEPOST_RETENTION_DAYS,
    keepFeatures: GATEPOST_KEEP_FEATURES,
    openBox: null,
    announceEvents: GATEPOST_ANNOUNCE_EVENTS,
  };
}
