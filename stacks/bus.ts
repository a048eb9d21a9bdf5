/// <reference path="../.sst/platform/config.d.ts" />
import { createHash } from "node:crypto";
import { pushPattern } from "../packages/alerts/src/push/wanted.ts";
import { type AlertSetting, busPattern } from "./alert-settings.ts";
import { stage } from "./stage.ts";

export const bus = new sst.aws.Bus("Bus");

/** Recent announcements can be sent again, after a subscriber was broken. */
new aws.cloudwatch.EventArchive("BusArchive", {
  eventSourceArn: bus.arn,
  eventPattern: $jsonStringify({ source: ["gatepost"] }),
  retentionDays: stage.archiveDays,
});

/** Encrypted, and for fourteen days, the longest a queue can. */
const kept = { messageRetentionSeconds: 14 * 24 * 60 * 60, sqsManagedSseEnabled: true };

/** Queues with which subscribers may start: one for each action. */
export const registerStranger = subscription("RegisterStranger", "1001");
export const updatePhoto = subscription("UpdatePhoto", "1002");

function subscription(name: string, wantAction: string) {
  const undelivered = keeping(`${name}Undelivered`);
  const unhandled = keeping(`${name}Unhandled`);
  const queue = new sst.aws.Queue(name, {
    visibilityTimeout: "5 minutes",
    dlq: { queue: unhandled.arn, retry: 5 },
    transform: { queue: kept },
  });
  const rule = new aws.cloudwatch.EventRule(`${name}Rule`, {
    eventBusName: bus.name,
    description: `Reports with want_action ${wantAction}`,
    eventPattern: $jsonStringify({ source: ["gatepost"], detail: { want_action: [wantAction] } }),
  });
  new aws.cloudwatch.EventTarget(`${name}Target`, {
    eventBusName: bus.name,
    rule: rule.name,
    arn: queue.arn,
    ...orInto(undelivered),
  });
  fedBy([rule], name, queue);
  // SST adds no policy here. Without it EventBridge silently drops entries that it cannot deliver.
  fedBy([rule], `${name}Undelivered`, undelivered);
  return { queue, undelivered, unhandled };
}

/** A queue of failed entries. */
export function keeping(name: string, args: sst.aws.QueueArgs = {}) {
  return new sst.aws.Queue(name, { ...args, transform: { queue: kept } });
}

/** The settings of a target of the bus that is tried for a day. Entries that it does not take then go into a queue. */
export function orInto(undelivered: sst.aws.Queue) {
  return {
    deadLetterConfig: { arn: undelivered.arn },
    retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 24 * 60 * 60 },
  };
}

/** Lets rules send to a queue. */
export function fedBy(rules: readonly { arn: $util.Output<string> }[], name: string, queue: sst.aws.Queue) {
  new aws.sqs.QueuePolicy(`${name}Policy`, {
    queueUrl: queue.url,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: rules.map((rule) => ({
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue.arn,
        Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
      })),
    }),
  });
}

/** Messages whose slice failed three times. */
export const unhandledJobs = keeping("JobsUnhandled");

/** Each message runs one slice of a job. It stays hidden for longer than the function may take. */
export const jobs = keeping("Jobs", {
  visibilityTimeout: "330 seconds",
  dlq: { queue: unhandledJobs.arn, retry: 3 },
});

/**
 * The queue of batches that could not be counted within 23 hours. A message has the position in the stream of the
 * table.
 */
export const uncounted = keeping("Uncounted");

/** The topic of every alarm; undefined without alarms. */
export const topic = stage.isWatched ? new sst.aws.SnsTopic("Alarms") : undefined;

/** The topic of urgent alarms; undefined without a pager. */
export const pager = stage.pagerEmail === undefined ? undefined : new sst.aws.SnsTopic("Pager");

/** The topics with an address, which must be confirmed. */
export const addressed = [
  ...mailed("AlarmsByMail", topic, stage.alarmEmail),
  ...mailed("PagerByMail", pager, stage.pagerEmail),
];

function mailed(name: string, to: sst.aws.SnsTopic | undefined, endpoint: string | undefined): sst.aws.SnsTopic[] {
  if (to === undefined || endpoint === undefined) return [];
  new aws.sns.TopicSubscription(name, { topic: to.arn, protocol: "email", endpoint });
  return [to];
}

/** How often a message is tried: every two minutes, for a day. */
const tries = 720;

/** The queues of alerts; undefined without alerts. */
export const alertQueues = stage.alerts === undefined ? undefined : queuesFor(stage.alerts);

function queuesFor(settings: readonly AlertSetting[]) {
  const unsent = keeping("AlertsUnsent");
  const undelivered = keeping("AlertsUndelivered");
  // A message stays hidden for longer than the function may take.
  const queue = keeping("Alerts", { visibilityTimeout: "120 seconds", dlq: { queue: unsent.arn, retry: tries } });
  const rules = settings.map((setting) => {
    const { name } = setting;
    // Not by number: while one is removed, no other may tell its people.
    const part = createHash("sha256").update(name).digest("hex").slice(0, 8);
    const rule = new aws.cloudwatch.EventRule(`AlertRule${part}`, {
      eventBusName: bus.name,
      description: `People are told by the rule ${name}`,
      eventPattern: $jsonStringify(busPattern(setting)),
    });
    new aws.cloudwatch.EventTarget(`AlertTarget${part}`, {
      eventBusName: bus.name,
      rule: rule.name,
      arn: queue.arn,
      inputTransformer: { inputTemplate: `{"rule":${JSON.stringify(name)},"envelope":<aws.events.event.json>}` },
      ...orInto(undelivered),
    });
    return rule;
  });
  fedBy(rules, "Alerts", queue);
  fedBy(rules, "AlertsUndelivered", undelivered);
  return { queue, unsent, undelivered };
}

/**
 * The queues of entries of which browsers are notified. A browser that did not get one is tried again every 30 s; after
 * an hour it is no news any more.
 */
export const notifications = notifying();

function notifying() {
  const unsent = keeping("NotificationsUnsent");
  const queue = keeping("Notifications", { visibilityTimeout: "30 seconds", dlq: { queue: unsent.arn, retry: 240 } });
  const rule = new aws.cloudwatch.EventRule("NotificationsRule", {
    eventBusName: bus.name,
    description: "Browsers are notified",
    eventPattern: $jsonStringify(pushPattern(["blacklist", "strangers", "silence"])),
  });
  new aws.cloudwatch.EventTarget("NotificationsTarget", {
    eventBusName: bus.name,
    rule: rule.name,
    arn: queue.arn,
    ...orInto(unsent),
  });
  fedBy([rule], "Notifications", queue);
  fedBy([rule], "NotificationsUnsent", unsent);
  return { queue, unsent };
}

/** The queue of entries that a bus of another application did not take; undefined without such buses. */
export const unsubscribed = stage.subscribers.length === 0 ? undefined : sendingOn(stage.subscribers);

/**
 * Sends the entries that a pattern matches to buses, also of other accounts: the policy of such a bus must allow this
 * account to put events.
 */
function sendingOn(subscribers: typeof stage.subscribers) {
  const undelivered = keeping("SubscribersUndelivered");
  const { accountId } = aws.getCallerIdentityOutput();
  const role = new aws.iam.Role("SubscribersRole", {
    assumeRolePolicy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceAccount": accountId } },
        },
      ],
    }),
    inlinePolicies: [
      {
        name: "put",
        policy: $jsonStringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: "events:PutEvents", Resource: [...new Set(subscribers.map(({ bus }) => bus))] },
          ],
        }),
      },
    ],
  });
  const rules = subscribers.map(({ bus: target, pattern }) => {
    // Not by number: while one is removed, no other bus may get its entries.
    const name = createHash("sha256")
      .update(JSON.stringify([target, pattern]))
      .digest("hex")
      .slice(0, 8);
    const rule = new aws.cloudwatch.EventRule(`SubscriberRule${name}`, {
      eventBusName: bus.name,
      description: `Entries for ${target}`,
      eventPattern: $jsonStringify({ ...pattern, source: ["gatepost"] }),
    });
    new aws.cloudwatch.EventTarget(`SubscriberTarget${name}`, {
      eventBusName: bus.name,
      rule: rule.name,
      arn: target,
      roleArn: role.arn,
      ...orInto(undelivered),
    });
    return rule;
  });
  fedBy(rules, "SubscribersUndelivered", undelivered);
  return undelivered;
}
