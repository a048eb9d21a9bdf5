import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/*
 * Whether a stage is production or development. sst.config.ts asks before SST is loaded, so this file uses nothing of
 * SST.
 */

/** The stages that may be thrown away; `*` matches any text. Every other stage is production. */
const developmentStages = ["dev", "dev-*", "test*", "pr-*"];

/** Such names are production, even if one is the personal stage of this machine. */
const neverDevelopment = /^prod/i;

export type StageKind = "production" | "development";

/** @param personal the stage that SST takes on this machine if none is given, or null */
export function kindOf(stage: string | undefined, personal: string | null = personalStage()): StageKind {
  if (stage === undefined || neverDevelopment.test(stage)) return "production";
  const isNamed = developmentStages.some((pattern) => fits(stage, pattern));
  return isNamed || stage === personal ? "development" : "production";
}

function fits(stage: string, pattern: string): boolean {
  return pattern.endsWith("*") ? stage.startsWith(pattern.slice(0, -1)) : stage === pattern;
}

/** SST writes it into .sst/stage beside sst.config.ts, and may be called in any folder below. */
export function personalStage(folder = process.cwd()): string | null {
  const file = join(projectFolder(folder), ".sst", "stage");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}

/** The folder of sst.config.ts, above a folder or the folder itself. */
export function projectFolder(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, "sst.config.ts")) ? folder : projectFolder(above);
}

/** The settings of both kinds of stage. stage-kind.ts decides which kind a stage is. */
const stages = {
  production: {
    /** Days from the first receipt of an event to its expiry; nothing in quarantine becomes older. */
    retentionDays: 90,
    /** Days that counts of passings are kept, which hold no person. */
    statisticsDays: 400,
    archiveDays: 14,
    /** Requests a second, and how many more may come at once: of all boxes together. */
    throttle: { throttlingRateLimit: 2000, throttlingBurstLimit: 2000 },
    /** For readers on each route of the API, and for the live feed. */
    readerThrottle: { throttlingRateLimit: 100, throttlingBurstLimit: 200 },
    /** On every other path: boxes that are set up wrongly, and scanners. */
    otherThrottle: { throttlingRateLimit: 200, throttlingBurstLimit: 200 },
    logs: "1 month",
    isProtected: true,
  },
  development: {
    retentionDays: 7,
    statisticsDays: 400,
    archiveDays: 1,
    throttle: { throttlingRateLimit: 100, throttlingBurstLimit: 200 },
    readerThrottle: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
    otherThrottle: { throttlingRateLimit: 20, throttlingBurstLimit: 40 },
    logs: "1 week",
    isProtected: false,
  },
} as const;

export const defaultsOf = (kind: StageKind) => stages[kind];
