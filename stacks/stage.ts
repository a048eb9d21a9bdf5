/// <reference path="../.sst/platform/config.d.ts" />
import { alertSettings, budgetOf, isAskedFor } from "./settings.ts";

/** What differs from stage to stage. Which stage is production says stage-kind.ts. */
const stages = {
  production: {
    /** Days from the first receipt of an event to its expiry; nothing in quarantine becomes older. */
    retentionDays: 90,
    /** Days that counts of passings are kept, which hold no person. */
    statisticsDays: 400,
    archiveDays: 14,
    /** Requests a second, and how many more may come at once: of all boxes together. */
    throttle: { throttlingRateLimit: 2000, throttlingBurstLimit: 2000 },
    /** Of readers on each route of the API, and of the live feed. */
    readerThrottle: { throttlingRateLimit: 100, throttlingBurstLimit: 200 },
    /** On every other path: of boxes that were set up wrongly, and of whoever looks around. */
    otherThrottle: { throttlingRateLimit: 200, throttlingBurstLimit: 200 },
    logs: "1 month",
    isProtected: true,
    /** Warm instances of a function, by its file; none where it is not named. */
    provisioned: {} as Partial<Record<string, number>>,
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
  /** Where people find the console; without one, under an address that AWS makes up. */
  consoleDomain: process.env.GATEPOST_CONSOLE_DOMAIN,
  /** Who is written to when an alarm goes off. */
  alarmEmail: process.env.GATEPOST_ALARM_EMAIL,
  /** Whether somebody is to take what boxes ask for from the queues beside the rules. Else nobody is told that none does. */
  hasSubscribers: !isAskedFor("GATEPOST_NO_SUBSCRIBERS", process.env.GATEPOST_NO_SUBSCRIBERS),
  /** US dollars a month of the whole account beyond which that one is written to. */
  budget: budgetOf(process.env.GATEPOST_BUDGET_USD, process.env.GATEPOST_ALARM_EMAIL),
  /** Whether table and bucket are encrypted with a key of their own, which can be taken from everybody. */
  hasOwnKey: isAskedFor("GATEPOST_KMS", process.env.GATEPOST_KMS),
  /** The rules that tell people; undefined where there are none, and then nothing is deployed for them. */
  alerts: alertSettings(process.env.GATEPOST_ALERTS),
  /** On whose clocks alerts say when something was. */
  alertZone: process.env.GATEPOST_ALERT_ZONE ?? "UTC",
  /** Whether each call of a function is traced, which X-Ray is paid for. */
  isTraced: isAskedFor("GATEPOST_XRAY", process.env.GATEPOST_XRAY),
};

/** What a stage is. It is printed at every deploy, before anything is made and again at its end. */
export const stageInWords = [
  `${$app.stage} is ${kind === "production" ? "a production stage" : "a development stage: sst remove deletes all of it"}`,
  `events are kept ${stage.retentionDays} days`,
  `at most ${stage.throttle.throttlingRateLimit} requests of boxes a second`,
  `${stage.hasOwnKey ? "a" : "no"} key of its own, ${stage.isTraced ? "traced" : "not traced"}, ${stage.budget === undefined ? "no budget" : `a budget of $${stage.budget}`}`,
].join("; ");
