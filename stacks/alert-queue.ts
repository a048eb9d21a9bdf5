/// <reference path="../.sst/platform/config.d.ts" />
import { createHash } from "node:crypto";
import { type AlertSetting, busPattern } from "./alert-settings.ts";
import { bus, fedBy, keeping, orInto } from "./bus.ts";
import { stage } from "./stage.ts";

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
