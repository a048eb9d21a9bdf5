import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, type JsonObject, matches } from "@gatepost/event-pattern";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderOf, readGraph, repository } from "../../../scripts/synth/graph.ts";
import { settingsOf } from "../../../stacks/settings.ts";
import { announced } from "./checks/announced.ts";
import { all, document, type Graph, one, readable, synth, synthTimeoutMs, upToDate } from "./stages.ts";

const theirs = "arn:aws:events:eu-west-1:210987654321:event-bus/their-bus";
const subscribers = [
  { bus: theirs, pattern: { detail: { want_action: ["1001", "1002"] } } },
  { bus: theirs, pattern: { source: ["anything"], "detail-type": ["Box Silent"] } },
];

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gatepost-synth-"));
  await upToDate("test");
}, synthTimeoutMs);
afterAll(() => rm(folder, { recursive: true }));

/** The graph without the letters that SST draws for names. */
function readableExample(out: string): Graph {
  return JSON.parse(JSON.stringify(readGraph(out)).replace(/(gatepost-subscriber-test-\w+)-[a-z]{8}\b/g, "$1"));
}

async function exampleOf(path: string, settings: Record<string, string>): Promise<Graph> {
  const out = join(folder, path.replaceAll("/", "-"));
  const root = join(repository, "examples", path);
  const given = { SST_SECRET_GatepostToken: "gpo_token", ...settings };
  await synth(["--shallow", "--stage", "test", "--root", root, "--out", out], given);
  return readableExample(out);
}

/** The patterns of the rules of a bus. */
const patternsOf = (graph: Graph, name: RegExp) =>
  all(graph, "cloudwatch/eventRule:EventRule")
    .filter((rule) => name.test(rule.name))
    .map((rule) => document(rule, "eventPattern") as JsonObject);

it("the deployment prints the bus and the queues of actions", () => {
  expect(readable(folderOf("test")).outputs).toMatchObject({
    bus: arn("events", "event-bus/gatepost-test-BusBus"),
    registerStranger: arn("sqs", "gatepost-test-RegisterStrangerQueue"),
    updatePhoto: arn("sqs", "gatepost-test-UpdatePhotoQueue"),
  });
});

describe("a deployment with subscribers in another account", () => {
  let graph: Graph;
  beforeAll(async () => {
    const out = join(folder, "stage");
    await synth(["--shallow", "--stage", "test", "--out", out], {
      GATEPOST_SUBSCRIBERS: JSON.stringify(subscribers),
      GATEPOST_ALARM_EMAIL: "ops@example.com",
    });
    graph = readable(out);
  }, synthTimeoutMs);

  /** A rule is named by its bus and pattern: without the first one, the second one stays as it is. */
  const names = subscribers.map(({ bus, pattern }) =>
    createHash("sha256")
      .update(JSON.stringify([bus, pattern]))
      .digest("hex")
      .slice(0, 8),
  );

  it("sends entries of this source alone to their bus", () => {
    expect(patternsOf(graph, /^Subscriber/)).toEqual([
      { source: ["gatepost"], detail: { want_action: ["1001", "1002"] } },
      { source: ["gatepost"], "detail-type": ["Box Silent"] },
    ]);
    for (const name of names)
      expect(one(graph, "cloudwatch/eventTarget:EventTarget", `SubscriberTarget${name}`).inputs).toEqual({
        eventBusName: "gatepost-test-BusBus",
        rule: `SubscriberRule${name}`,
        arn: theirs,
        roleArn: "arn:aws:iam::123456789012:role/SubscribersRole",
        deadLetterConfig: { arn: arn("sqs", "gatepost-test-SubscribersUndeliveredQueue") },
        retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86400 },
      });
  });

  it("lets rules of this account put entries on their bus alone", () => {
    const role = one(graph, "iam/role:Role", "SubscribersRole");
    expect(document(role, "assumeRolePolicy")).toMatchObject({
      Statement: [
        {
          Principal: { Service: "events.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ],
    });
    const [{ policy } = { policy: "" }] = role.inputs["inlinePolicies"] as { policy: string }[];
    expect(JSON.parse(policy).Statement).toEqual([{ Effect: "Allow", Action: "events:PutEvents", Resource: [theirs] }]);
  });

  it("keeps undelivered entries in a queue with an alarm", () => {
    const policy = document(one(graph, "sqs/queuePolicy:QueuePolicy", "SubscribersUndeliveredPolicy"), "policy");
    expect(policy).toMatchObject({
      Statement: names.map((name) => ({
        Resource: arn("sqs", "gatepost-test-SubscribersUndeliveredQueue"),
        Condition: {
          ArnEquals: { "aws:SourceArn": arn("events", `rule/gatepost-test-BusBus/SubscriberRule${name}`) },
        },
      })),
    });
    const watched = JSON.stringify(one(graph, "cloudwatch/metricAlarm:MetricAlarm", "dead-letters").inputs);
    expect(watched).toContain('"QueueName":"gatepost-test-SubscribersUndeliveredQueue"');
  });
});

it.each([
  [[{ queue: "updatePhoto" }], /^GATEPOST_SUBSCRIBERS: /],
  [[{ bus: "their-bus", pattern: {} }], /"their-bus" is not the ARN of a bus/],
  [[{ bus: theirs, pattern: { source: "gatepost" } }], /the pattern cannot be used: /],
  [
    [{ bus: theirs, pattern: { time: [{ between: ["22:00", "06:00"], zone: "UTC" }] } }],
    /the pattern cannot be used: EventBridge does not know between/,
  ],
  [
    [{ bus: theirs, pattern: { detail: { want_action: [1002] } } }],
    /the pattern cannot be used: .*want_action is text on the bus: write "1002", in quotes/,
  ],
  [[], /^GATEPOST_SUBSCRIBERS: /],
])("subscribers as %j stop the deploy", (given, why) => {
  expect(() => settingsOf("test", { GATEPOST_SUBSCRIBERS: JSON.stringify(given) })).toThrow(why);
});

const mapping = "lambda/eventSourceMapping:EventSourceMapping";

describe("the example of a subscriber, eventbridge/subscriber.ts", () => {
  it(
    "takes from the durable queue of the same account: eventbridge/sst.config.ts",
    async () => {
      const queue = arn("sqs", "gatepost-test-UpdatePhotoQueue");
      const graph = await exampleOf("eventbridge", { GATEPOST_QUEUE: queue, GATEPOST_URL: "https://gate.example.com" });
      expect(all(graph, mapping).map(({ inputs }) => inputs)).toEqual([
        expect.objectContaining({
          eventSourceArn: queue,
          batchSize: 10,
          functionResponseTypes: ["ReportBatchItemFailures"],
        }),
      ]);
      const [made] = all(graph, "lambda/function:Function");
      const hidden = one(readable(folderOf("test")), "sqs/queue:Queue", "UpdatePhotoQueue").inputs;
      expect(Number(made?.inputs["timeout"])).toBeLessThan(Number(hidden["visibilityTimeoutSeconds"]));
    },
    synthTimeoutMs,
  );

  it(
    "takes in another account what Gatepost's account puts there: eventbridge/other-account/sst.config.ts",
    async () => {
      const graph = await exampleOf("eventbridge/other-account", { GATEPOST_ACCOUNT: "123456789012" });
      const policy = document(one(graph, "cloudwatch/eventBusPolicy:EventBusPolicy", "ActionsPolicy"), "policy");
      expect(policy).toMatchObject({
        Statement: [
          {
            Principal: { AWS: "arn:aws:iam::123456789012:root" },
            Action: "events:PutEvents",
            Resource: graph.outputs["bus"],
            Condition: { StringEquals: { "events:source": "gatepost" } },
          },
        ],
      });
      const [pattern = {}] = patternsOf(graph, /^Requests/);
      const [there] = subscribers;
      const ours = compile({ ...there?.pattern, source: ["gatepost"] });
      const received = announced().filter((entry) => matches(ours, entry as JsonObject));
      expect(received).toHaveLength(2);
      for (const entry of received) {
        expect(matches(compile(pattern), { ...(entry as JsonObject), account: "123456789012" })).toBe(true);
        expect(matches(compile(pattern), { ...(entry as JsonObject), account: "210987654321" })).toBe(false);
      }
      const target = one(graph, "cloudwatch/eventTarget:EventTarget", "RequestsTarget").inputs;
      expect(target).toMatchObject({ deadLetterConfig: { arn: expect.stringContaining("Failed") } });
      expect(all(graph, mapping).map(({ inputs }) => inputs)).toEqual([
        expect.objectContaining({ eventSourceArn: target["arn"], functionResponseTypes: ["ReportBatchItemFailures"] }),
      ]);
      for (const { inputs } of all(graph, "sqs/queue:Queue")) expect(inputs["messageRetentionSeconds"]).toBe(1_209_600);
    },
    synthTimeoutMs,
  );
});
