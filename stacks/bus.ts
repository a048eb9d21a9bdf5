/// <reference path="../.sst/platform/config.d.ts" />
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
