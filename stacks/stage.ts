/// <reference path="../.sst/platform/config.d.ts" />
import { mailLanguageOf, usedAlerts } from "./alert-settings.ts";
import { settingsOf } from "./settings.ts";
import { defaultsOf } from "./stage-kind.ts";

/** The decision of sst.config.ts, so that all files agree on the kind of the stage. */
const kind = $app.protect ? "production" : "development";

const { settings } = settingsOf($app.stage);

/** The rules that alert people; undefined if there are none, and then nothing is deployed for them. */
const alerts = usedAlerts(settings.alerts);

const mailOf = (setting: string | undefined) => (setting === "none" ? undefined : setting);

const alarmEmail = mailOf(settings.alarms);

export const stage = {
  ...defaultsOf(kind),
  retentionDays: settings.retentionDays,
  /** Days for which scenes are kept; undefined if they are kept as their events. */
  sceneDays: settings.sceneDays,
  /** Warm instances of a function, by its file; none for a file that is not named. */
  provisioned: settings.provisioned as Partial<Record<string, number>>,
  /** Instances that a function may have at most, and that are kept for it. */
  reserved: settings.reserved as Partial<Record<string, number>>,
  /** Whether the feature vectors that boxes send are kept, which are biometric data. */
  keepFeatures: settings.keepFeatures ? "1" : "0",
  /** Whether every event is put on the bus, also one that asks for no action. */
  announceEvents: settings.announceEvents ? "1" : "0",
  /** The domain of the gateway; without one, AWS chooses the address. */
  domain: settings.domain,
  /** The domain of the console; without one, AWS chooses the address. */
  consoleDomain: settings.consoleDomain,
  /** The company's provider of OpenID Connect; undefined without one. */
  company: settings.oidc,
  /** The address that alarms are sent to. */
  alarmEmail,
  /** Whether the stage has alarms and a dashboard. A development stage has them only if it names an address for them. */
  isWatched: kind === "production" || alarmEmail !== undefined,
  /** The address that urgent alarms are also sent to. */
  pagerEmail: mailOf(settings.pager),
  /** Whether subscribers are expected at the queues of requested actions. If not, unread queues raise no alarm. */
  hasSubscribers: !settings.noSubscribers,
  /** US dollars a month of the whole account, above which a mail is sent to the same address. */
  budget: settings.budgetUsd === undefined ? undefined : `${settings.budgetUsd}`,
  /** The region that gets a copy of each picture; undefined without one. */
  replica: settings.replica,
  /** Whether table and bucket are encrypted with their own KMS key, which can be disabled. */
  hasOwnKey: settings.kms,
  /** Requests of one address in five minutes at the router; undefined without a limit. */
  rateByAddress: settings.rateByAddress,
  /** Whether CloudTrail notes who reads and writes pictures. */
  hasDataEvents: settings.dataEvents,
  /** Whether the deployment is checked every five minutes. */
  hasCanary: settings.canary,
  alerts,
  /** The language of mails of hours; undefined if no rule sends e-mail, and then hours are not mailed. */
  mailLanguage: mailLanguageOf(alerts),
  /** The buses that get entries of this bus. */
  subscribers: settings.subscribers ?? [],
  /** The accounts that may read the pictures of events in the bucket. */
  pictureReaders: settings.pictureReaders ?? [],
  /** The time zone of times in alerts. */
  alertZone: settings.alertZone,
  /** Whether calls of functions are traced by X-Ray, which costs money. */
  isTraced: settings.xray,
};

/** The stage in words. It is printed at the beginning and at the end of every deploy. */
export const stageInWords = [
  `${$app.stage} is ${kind === "production" ? "a production stage" : "a development stage: sst remove deletes all of it"}`,
  `events are kept ${stage.retentionDays} days${stage.sceneDays === undefined ? "" : `, scenes ${stage.sceneDays}`}`,
  `at most ${stage.throttle.throttlingRateLimit} requests of boxes a second`,
  `${stage.hasOwnKey ? "a" : "no"} key of its own, ${stage.isTraced ? "traced" : "not traced"}, ${stage.budget === undefined ? "no budget" : `a budget of $${stage.budget}`}`,
].join("; ");

/** Refuses a deploy whose settings were not compared with the deployed ones: `npm run deploy` does that, and marks it. */
export function refuseUnplanned(): void {
  const deploys = $cli.command === "deploy" || ($cli.command === "dev" && $app.protect);
  if (!deploys || (process.env.GATEPOST_DEPLOY ?? "") !== "") return;
  throw new Error(`deploy by npm run deploy -- --stage ${$app.stage}: it compares the settings with the deployed ones`);
}
