import type { ServerFacts } from "@gatepost/core/health";
import type { Settings } from "@gatepost/core/retention";
import { dayMs } from "@gatepost/protocol";
import * as z from "zod/mini";

/** The variables that a deployment gives a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The name of a resource, as the deployment gives it. */
export const resourceName = z.string().check(z.minLength(1));

/**
 * Reads the variables that a runtime needs, once, when it is made. Throws one error that names every missing or invalid
 * variable.
 */
export function readEnvironment<Schema extends z.core.$ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const read = z.safeParse(schema, env);
  if (read.success) return read.data;
  const variables = [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
  const faults = variables.map((name) => (env[name] ? `${name} cannot be used` : `${name} is not set`));
  throw new Error(`the environment of this function is not complete: ${faults.join(", ")}`);
}

/** An option that is "1" if it is on. */
export const yes = z.pipe(
  z._default(z.enum(["0", "1"]), "0"),
  z.transform((sent) => sent === "1"),
);
const someDays = () => z.coerce.number().check(z.int(), z.minimum(1), z.maximum(3650));

/** The variables by which a deployment sets options. */
export const settingsVariables = {
  GATEPOST_RETENTION_DAYS: z._default(someDays(), 90),
  GATEPOST_SCENE_DAYS: z.optional(someDays()),
  GATEPOST_KEEP_FEATURES: yes,
  GATEPOST_ANNOUNCE_EVENTS: yes,
};

/** How long counts of passings are kept. They name no person. */
export const statisticsVariables = {
  GATEPOST_STATISTICS_DAYS: z._default(someDays(), 400),
};

type Shaped<Shape extends z.core.$ZodShape> = z.output<z.ZodMiniObject<Shape>>;

export function statisticsKeptMs({ GATEPOST_STATISTICS_DAYS: days }: Shaped<typeof statisticsVariables>): number {
  return days * dayMs;
}

/** The settings of the deployment. On the internet there is no open box. */
export function settingsOf(chosen: Shaped<typeof settingsVariables>): Settings {
  return {
    retentionDays: chosen.GATEPOST_RETENTION_DAYS,
    sceneDays: chosen.GATEPOST_SCENE_DAYS ?? null,
    keepFeatures: chosen.GATEPOST_KEEP_FEATURES,
    openBox: null,
    announceEvents: chosen.GATEPOST_ANNOUNCE_EVENTS,
  };
}

/** Lambda takes 6 MB including everything around a body; a body in base64 may have about 4.4 MB. */
const bodyBytes = 6_000_000;

export function serverFacts({ retentionDays, sceneDays }: Settings): ServerFacts {
  return {
    runtime: "aws",
    rules: "elsewhere",
    bodyBytes,
    retention: async () => ({ eventDays: retentionDays, quarantineDays: retentionDays, sceneDays }),
    room: async () => null,
    clockDoubt: async () => null,
    shipping: async () => null,
  };
}
