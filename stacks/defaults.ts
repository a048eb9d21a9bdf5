import type { StageKind } from "./stage-kind.ts";

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
