import { changing, leavingOut, type Mistake, replacing } from "./mistake.ts";

const rule = "cloudwatch/eventRule:EventRule";
const target = "cloudwatch/eventTarget:EventTarget";

export const busMistakes: Mistake[] = [
  {
    mistake: "want_action as a number",
    caughtBy: "one rule for each action, want_action as text",
    make: replacing(rule, "RegisterStrangerRule", '[\\"1001\\"]', "[1001]"),
  },
  {
    mistake: "1003 for 1002",
    caughtBy: "each rule matches what asks for its action, and nothing else that is announced",
    make: replacing(rule, "UpdatePhotoRule", '\\"1002\\"', '\\"1003\\"'),
  },
  {
    mistake: "a rule on the default bus",
    caughtBy: "rules listen on the bus that is announced on",
    make: changing(rule, "UpdatePhotoRule", (inputs) => {
      delete inputs["eventBusName"];
    }),
  },
  {
    mistake: "whatever is on the bus is taken for a check",
    caughtBy: "each rule matches what asks for its action, and nothing else that is announced",
    make: replacing(rule, "CheckRule", '\\"Gatepost Test\\"', '{\\"prefix\\":\\"\\"}'),
  },
  {
    mistake: "every rule may invoke what hears checks",
    caughtBy: "the rule of checks invokes the function that hears them, which nothing else may",
    make: changing("lambda/permission:Permission", "CheckPermission", (inputs) => {
      delete inputs["sourceArn"];
    }),
  },
  {
    mistake: "no dead-letter queue",
    caughtBy: "each rule feeds its own queue, tries for a day, and keeps what it cannot deliver",
    make: changing(target, "UpdatePhotoTarget", (inputs) => {
      delete inputs["deadLetterConfig"];
    }),
  },
  {
    mistake: "two rules feed one queue",
    caughtBy: "each rule feeds its own queue, tries for a day, and keeps what it cannot deliver",
    make: replacing(target, "UpdatePhotoTarget", "UpdatePhotoQueue", "RegisterStrangerQueue"),
  },
  {
    mistake: "no policy on a dead-letter queue",
    caughtBy: "EventBridge may send to each queue and to each dead-letter queue, for its rule alone",
    make: leavingOut("sqs/queuePolicy:QueuePolicy", "UpdatePhotoUndeliveredPolicy"),
  },
  {
    mistake: "any rule of anybody may send to a queue",
    caughtBy: "EventBridge may send to each queue and to each dead-letter queue, for its rule alone",
    make: changing("sqs/queuePolicy:QueuePolicy", "UpdatePhotoPolicy", (inputs) => {
      inputs["policy"] = String(inputs["policy"]).replace(/,"Condition":\{.*\}(?=\}\])/, "");
    }),
  },
  {
    mistake: "a queue in plain text",
    caughtBy: "queues are encrypted and keep a message for fourteen days",
    make: changing("sqs/queue:Queue", "UpdatePhotoUnhandledQueue", (inputs) => {
      delete inputs["sqsManagedSseEnabled"];
    }),
  },
  {
    mistake: "what a subscriber fails at is lost",
    caughtBy: "what a subscriber fails at five times is kept apart",
    make: changing("sqs/queue:Queue", "RegisterStrangerQueue", (inputs) => {
      inputs["redrivePolicy"] = "{}";
    }),
  },
  {
    mistake: "announcements are archived for a year",
    caughtBy: "what was announced can be sent again, for at most fourteen days",
    make: changing("cloudwatch/eventArchive:EventArchive", "BusArchive", (inputs) => {
      inputs["retentionDays"] = 365;
    }),
  },
];
