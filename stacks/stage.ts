/// <reference path="../.sst/platform/config.d.ts" />

/** What differs from stage to stage. Which stage is production says stage-kind.ts. */
const stages = {
  production: {
    /** Days from the first receipt of an event to its expiry; nothing in quarantine becomes older. */
    retentionDays: 90,
    archiveDays: 14,
    /** Requests a second of all boxes together, and how many more may come at once. */
    throttle: { throttlingRateLimit: 2000, throttlingBurstLimit: 2000 },
    logs: "1 month",
    isProtected: true,
    /** Warm instances of a function, by its file; none where it is not named. */
    provisioned: {} as Partial<Record<string, number>>,
  },
  development: {
    retentionDays: 7,
    archiveDays: 1,
    throttle: { throttlingRateLimit: 100, throttlingBurstLimit: 200 },
    logs: "1 week",
    isProtected: false,
    provisioned: {} as Partial<Record<string, number>>,
  },
} as const;

/** What any stage may opt in to: both send more of people's faces to more places. */
const optIns = {
  /** Keep the feature vectors that boxes send, which are biometric data. */
  keepFeatures: "0",
  /** Put every event on the bus, also one that asks for no action. */
  announceEvents: "0",
};

/** What sst.config.ts has decided, so that a stage is not production in one file and thrown away by another. */
const kind = $app.protect ? "production" : "development";

export const stage = {
  ...optIns,
  ...stages[kind],
  /** Where boxes and consoles find it; without one, under an address that AWS makes up. */
  domain: process.env.GATEPOST_DOMAIN,
  /** Who is written to when an alarm goes off. */
  alarmEmail: process.env.GATEPOST_ALARM_EMAIL,
};

/** What a stage is. It is printed at every deploy, before anything is made and again at its end. */
export const stageInWords = [
  `${$app.stage} is ${kind === "production" ? "a production stage" : "a development stage: sst remove deletes all of it"}`,
  `events are kept ${stage.retentionDays} days`,
  `at most ${stage.throttle.throttlingRateLimit} requests a second`,
].join("; ");
