import { compile, type JsonObject, matches } from "@gatepost/event-pattern";
import { expect } from "vitest";
import { all, document, type Graph, one } from "../stages.ts";
import { announced } from "./announced.ts";
import type { Checks } from "./check.ts";

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
const queueArn = (name: string) => arn("sqs", `gatepost-test-${name}Queue`);

/** Rule → what it leads to, with the names of the queues. */
const subscriptions = {
  RegisterStranger: { source: ["gatepost"], detail: { want_action: ["1001"] } },
  UpdatePhoto: { source: ["gatepost"], detail: { want_action: ["1002"] } },
};

/** The rule by which Gatepost hears its own checks. */
const ofChecks = { source: ["gatepost"], "detail-type": ["Gatepost Test"] };

const patternOf = (graph: Graph, name: string) =>
  document(one(graph, "cloudwatch/eventRule:EventRule", `${name}Rule`), "eventPattern");

export const busChecks: Checks = {
  "one rule for each action, want_action as text": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(all(graph, "cloudwatch/eventRule:EventRule")).toHaveLength(4);
      for (const [name, pattern] of Object.entries({ ...subscriptions, Check: ofChecks }))
        expect(patternOf(graph, name)).toEqual(pattern);
    }
  },

  "each rule matches what asks for its action, and nothing else that is announced": ({ test }) => {
    const entries = announced();
    for (const [name, wanted] of [
      ["RegisterStranger", ["Stranger Registration Requested"]],
      ["UpdatePhoto", ["Base Photo Update Requested"]],
      ["Check", ["Gatepost Test"]],
    ] as const) {
      const pattern = compile(patternOf(test, name));
      const matched = entries.filter((entry) => matches(pattern, entry as JsonObject));
      expect(matched.map((entry) => entry["detail-type"])).toEqual(wanted);
    }
  },

  "the rule of checks invokes the function that hears them, which nothing else may": ({ test, production }) => {
    for (const graph of [test, production]) {
      const heard = arn("lambda", `function:gatepost-${graph.stage}-CheckHeardFunction`);
      expect(one(graph, "cloudwatch/eventTarget:EventTarget", "CheckTarget").inputs).toEqual({
        eventBusName: `gatepost-${graph.stage}-BusBus`,
        rule: "CheckRule",
        arn: heard,
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 60 },
      });
      const permissions = all(graph, "lambda/permission:Permission").map(({ inputs }) => inputs);
      expect(permissions.filter((inputs) => inputs["function"] === heard)).toEqual([
        {
          action: "lambda:InvokeFunction",
          function: heard,
          principal: "events.amazonaws.com",
          sourceArn: arn("events", `rule/gatepost-${graph.stage}-BusBus/CheckRule`),
        },
      ]);
    }
  },

  "rules listen on the bus that is announced on": ({ test }) => {
    const { name } = one(test, "cloudwatch/eventBus:EventBus", "BusBus").inputs;
    for (const { inputs } of all(test, "cloudwatch/eventRule:EventRule")) expect(inputs["eventBusName"]).toBe(name);
    for (const { inputs } of all(test, "lambda/function:Function")) {
      expect(inputs["environment"]).toMatchObject({ variables: { GATEPOST_BUS: name } });
    }
  },

  "each rule feeds its own queue, tries for a day, and keeps what it cannot deliver": ({ test }) => {
    expect(all(test, "cloudwatch/eventTarget:EventTarget")).toHaveLength(4);
    for (const name of Object.keys(subscriptions)) {
      expect(one(test, "cloudwatch/eventTarget:EventTarget", `${name}Target`).inputs).toEqual({
        eventBusName: "gatepost-test-BusBus",
        rule: `${name}Rule`,
        arn: queueArn(name),
        deadLetterConfig: { arn: queueArn(`${name}Undelivered`) },
        retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86400 },
      });
    }
  },

  "EventBridge may send to each queue and to each dead-letter queue, for its rule alone": ({ test }) => {
    const policies = all(test, "sqs/queuePolicy:QueuePolicy").map((policy) => [
      String(policy.inputs["queueUrl"]).split("/").at(-1),
      document(policy, "policy"),
    ]);
    const allowing = (queue: string, rule: string) => [
      `gatepost-test-${queue}Queue`,
      {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queueArn(queue),
            Condition: { ArnEquals: { "aws:SourceArn": arn("events", `rule/gatepost-test-BusBus/${rule}Rule`) } },
          },
        ],
      },
    ];
    expect(Object.fromEntries(policies)).toEqual(
      Object.fromEntries([
        allowing("Notifications", "Notifications"),
        allowing("NotificationsUnsent", "Notifications"),
        allowing("RegisterStranger", "RegisterStranger"),
        allowing("RegisterStrangerUndelivered", "RegisterStranger"),
        allowing("UpdatePhoto", "UpdatePhoto"),
        allowing("UpdatePhotoUndelivered", "UpdatePhoto"),
      ]),
    );
  },

  "queues are encrypted and keep a message for fourteen days": ({ test }) => {
    const queues = all(test, "sqs/queue:Queue");
    expect(queues).toHaveLength(11);
    for (const { inputs } of queues) {
      expect(inputs).toMatchObject({
        messageRetentionSeconds: 1_209_600,
        sqsManagedSseEnabled: true,
        fifoQueue: false,
      });
    }
  },

  "what a subscriber fails at five times is kept apart": ({ test }) => {
    for (const name of Object.keys(subscriptions)) {
      const queue = one(test, "sqs/queue:Queue", `${name}Queue`);
      expect(document(queue, "redrivePolicy")).toEqual({
        deadLetterTargetArn: queueArn(`${name}Unhandled`),
        maxReceiveCount: 5,
      });
      expect(queue.inputs["visibilityTimeoutSeconds"]).toBe(300);
    }
  },

  "what was announced can be sent again, for at most fourteen days": ({ test, production }) => {
    const archive = (graph: Graph) => one(graph, "cloudwatch/eventArchive:EventArchive", "BusArchive");
    expect(archive(test).inputs).toMatchObject({
      retentionDays: 1,
      eventSourceArn: arn("events", "event-bus/gatepost-test-BusBus"),
    });
    expect(archive(production).inputs["retentionDays"]).toBe(14);
    expect(document(archive(production), "eventPattern")).toEqual({ source: ["gatepost"] });
  },
};
