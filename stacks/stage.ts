/// <reference path="../.sst/platform/config.d.ts" />
import { alertSettings, budgetOf, companyOf, isAskedFor, zoneOf } from "./settings.ts";

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
    /** Warm instances of a function, by its file; none for a file that is not named. */
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

/** What a stage may opt in to. Both store or send more biometric data. */
const optIns = {
  /** Keep the feature vectors that boxes send, which are biometric data. */
  keepFeatures: "0",
  /** Put every event on the bus, also one that asks for no action. */
  announceEvents: "0",
};

/** The decision of sst.config.ts, so that all files agree on the kind of the stage. */
const kind = $app.protect ? "production" : "development";

export const stage = {
  ...optIns,
  ...stages[kind],
  /** The domain of the gateway; without one, AWS chooses the address. */
  domain: process.env.GATEPOST_DOMAIN,
  /** The domain of the console; without one, AWS chooses the address. */
  consoleDomain: process.env.GATEPOST_CONSOLE_DOMAIN,
  /** The company's provider of OpenID Connect; undefined without one. */
  company: companyOf(process.env.GATEPOST_OIDC_ISSUER, process.env.GATEPOST_OIDC_CLIENT_ID),
  /** The address that alarms are sent to. */
  alarmEmail: process.env.GATEPOST_ALARM_EMAIL,
  /** Whether subscribers are expected at the queues of requested actions. If not, unread queues raise no alarm. */
  hasSubscribers: !isAskedFor("GATEPOST_NO_SUBSCRIBERS", process.env.GATEPOST_NO_SUBSCRIBERS),
  /** US dollars a month of the whole account, above which a mail is sent to the same address. */
  budget: budgetOf(process.env.GATEPOST_BUDGET_USD, process.env.GATEPOST_ALARM_EMAIL),
  /** Whether table and bucket are encrypted with their own KMS key, which can be disabled. */
  hasOwnKey: isAskedFor("GATEPOST_KMS", process.env.GATEPOST_KMS),
  /** The rules that alert people; undefined if there are none, and then nothing is deployed for them. */
  alerts: alertSettings(process.env.GATEPOST_ALERTS),
  /** The time zone of times in alerts. */
  alertZone: zoneOf("GATEPOST_ALERT_ZONE", process.env.GATEPOST_ALERT_ZONE),
  /** Whether calls of functions are traced by X-Ray, which costs money. */
  isTraced: isAskedFor("GATEPOST_XRAY", process.env.GATEPOST_XRAY),
};

/** The stage in words. It is printed at the beginning and at the end of every deploy. */
export const stageInWords = [
  `${$app.stage} is ${kind === "production" ? "a production stage" : "a development stage: sst remove deletes all of it"}`,
  `events are kept ${stage.retentionDays} days`,
  `at most ${stage.throttle.throttlingRateLimit} requests of boxes a second`,
  `${stage.hasOwnKey ? "a" : "no"} key of its own, ${stage.isTraced ? "traced" : "not traced"}, ${stage.budget === undefined ? "no budget" : `a budget of $${stage.budget}`}`,
].join("; ");
