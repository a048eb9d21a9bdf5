/// <reference path="../.sst/platform/config.d.ts" />
import { createHash } from "node:crypto";
import { bus, fedBy, keeping, orInto } from "./bus.ts";
import { stage } from "./stage.ts";

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
