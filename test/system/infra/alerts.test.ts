import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usualLanguage } from "../../../packages/alerts/src/target/channel-url.ts";
import { mailLanguageOf, usedAlerts } from "../../../stacks/alert-settings.ts";
import { settingsOf } from "../../../stacks/settings.ts";
import { noKeys, noOrders, ofAlert, onRows } from "./checks/statements.ts";
import { all, document, type Graph, one, readable, statementsOf, synth, synthTimeoutMs } from "./stages.ts";

const night = [{ between: ["22:00", "06:00"], zone: "Asia/Shanghai" }];
const rules = [
  {
    name: "vips",
    pattern: { source: ["gatepost"] },
    target: { type: "wecom", cooldownSeconds: 60 },
    maxAgeSeconds: 600,
  },
  {
    name: "strangers-at-night",
    pattern: { source: ["gatepost"], detail: { event: { person: { type: ["stranger"] }, time: night } } },
    target: { type: "wecom" },
  },
  { name: "off", pattern: { source: ["gatepost"] }, target: { type: "wecom" }, isOn: false },
  { name: "silent.boxes", pattern: { "detail-type": ["Box Silent"] }, target: { type: "ntfy" } },
  { name: "lists", pattern: { detail: { want_action: ["1001"] } }, target: { type: "email", template: "zh" } },
];

/** A rule that is off is not deployed. */
const used = rules.filter(({ name }) => name !== "off");

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;

describe("a deployment with alerts", () => {
  let folder: string;
  let graph: Graph;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatepost-synth-"));
    const settings = {
      GATEPOST_ALERTS: JSON.stringify(rules),
      GATEPOST_ALERT_ZONE: "Asia/Shanghai",
      GATEPOST_ALARM_EMAIL: "ops@example.com",
    };
    await synth(["--shallow", "--stage", "test", "--out", folder], settings);
    graph = readable(folder);
  }, synthTimeoutMs);
  afterAll(() => rm(folder, { recursive: true }));

  it("gives the function exactly these permissions", () => {
    const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });
    expect(statementsOf(graph, "AlertRole")).toEqual([
      noKeys,
      noOrders,
      ...ofAlert,
      allow(
        ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        [arn("sqs", "gatepost-test-AlertsQueue")],
      ),
      onRows(["GetItem", "BatchGetItem"], "evt_*", "alert *"),
      onRows(["UpdateItem", "PutItem"], "alert *"),
      allow(["s3:GetObject"], ["arn:aws:s3:::gatepost-test-storebucket/pictures/*"]),
      allow(["s3:ListBucket"], ["arn:aws:s3:::gatepost-test-storebucket"]),
    ]);
  });

  it("has a bus rule for each alert rule, which sends its name to the queue", () => {
    const targets = all(graph, "cloudwatch/eventTarget:EventTarget").filter(({ name }) => name.startsWith("Alert"));
    expect(targets.map(({ inputs }) => inputs["inputTransformer"])).toEqual(
      used.map(({ name }) => ({ inputTemplate: `{"rule":"${name}","envelope":<aws.events.event.json>}` })),
    );
    const made = all(graph, "cloudwatch/eventRule:EventRule").filter(({ name }) => name.startsWith("Alert"));
    expect(made.map((rule) => document(rule, "eventPattern"))).toEqual([
      rules[0]?.pattern,
      { source: ["gatepost"], detail: { event: { person: { type: ["stranger"] } } } },
      rules[3]?.pattern,
      rules[4]?.pattern,
    ]);
    for (const queue of ["Alerts", "AlertsUndelivered"]) {
      const policy = document(one(graph, "sqs/queuePolicy:QueuePolicy", `${queue}Policy`), "policy");
      expect(policy).toMatchObject({ Statement: used.map(() => ({ Action: "sqs:SendMessage" })) });
    }
  });

  it("retries only failed messages, for a day, hidden longer than the function's timeout", () => {
    const { inputs } = one(graph, "lambda/function:Function", "AlertFunction");
    const queue = one(graph, "sqs/queue:Queue", "AlertsQueue");
    const hidden = Number(queue.inputs["visibilityTimeoutSeconds"]);
    expect(hidden).toBeGreaterThanOrEqual(6 * Number(inputs["timeout"]));
    const { deadLetterTargetArn, maxReceiveCount } = document(queue, "redrivePolicy") as Record<string, unknown>;
    expect(deadLetterTargetArn).toBe(arn("sqs", "gatepost-test-AlertsUnsentQueue"));
    expect(Number(maxReceiveCount) * hidden).toBe(24 * 60 * 60);
    expect(one(graph, "lambda/eventSourceMapping:EventSourceMapping", "AlertsMapping").inputs).toMatchObject({
      eventSourceArn: arn("sqs", "gatepost-test-AlertsQueue"),
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: 2 },
    });
  });

  it("gives the function the rules with no pattern but hours, and the secrets of SST", () => {
    const { inputs } = one(graph, "lambda/function:Function", "AlertFunction");
    const { variables } = inputs["environment"] as { variables: Record<string, string> };
    expect(JSON.parse(variables["GATEPOST_ALERTS"] ?? "")).toEqual([
      { name: "vips", target: rules[0]?.target, maxAgeSeconds: 600 },
      { name: "strangers-at-night", target: { type: "wecom" }, hours: { detail: { event: { time: night } } } },
      { name: "silent.boxes", target: { type: "ntfy" } },
      { name: "lists", target: { type: "email", template: "zh" } },
    ]);
    expect(variables).toMatchObject({ GATEPOST_ALERT_SECRETS: "{}", GATEPOST_ALERT_ZONE: "Asia/Shanghai" });
    expect(variables["GATEPOST_PUBLIC_URL"]).toMatch(/^https:\/\//);
  });

  it("names a bus rule by its alert rule, and not by its place", () => {
    const made = all(graph, "cloudwatch/eventRule:EventRule").filter(({ name }) => name.startsWith("AlertRule"));
    const digests = used.map(({ name }) => createHash("sha256").update(name).digest("hex").slice(0, 8));
    expect(made.map(({ name }) => name)).toEqual(digests.map((digest) => `AlertRule${digest}`));
  });

  it("watches the function, its schedule, and the abandoned messages", () => {
    const watching = (name: string) => JSON.stringify(one(graph, "cloudwatch/metricAlarm:MetricAlarm", name).inputs);
    expect(watching("background-errors")).toContain('"FunctionName":"gatepost-test-AlertFunction"');
    expect(watching("sweeps-silent")).toContain('"FunctionName":"gatepost-test-AlertFunction"');
    for (const queue of ["AlertsUnsent", "AlertsUndelivered"])
      expect(watching("dead-letters")).toContain(`"QueueName":"gatepost-test-${queue}Queue"`);
    const schedules = all(graph, "scheduler/schedule:Schedule").map(({ name }) => name);
    expect(schedules.filter((name) => name.startsWith("Alert"))).toHaveLength(1);
  });

  it("lets the function that mails hours read them, and note which it sent", () => {
    expect(statementsOf(graph, "HoursMailRole")).toEqual([
      noKeys,
      noOrders,
      {
        Effect: "Allow",
        Action: ["dynamodb:Query"],
        Resource: ["byTime", "byBox"].map((index) => arn("dynamodb", `table/gatepost-test-EventsTable/index/${index}`)),
      },
      onRows(
        ["GetItem", "BatchGetItem"],
        ...["evt_*", "person *", "box *", "boxes moved", "notice *", "key_*", "acc_*", "site *", "schedule *", "cor_*"],
        ...["last-day *", "roster *", "closed-month *", "closed-days *", "people settings", "hours-mail *"],
        "reset-mail *",
      ),
      onRows(["UpdateItem"], "hours-mail *", "reset-mail *"),
      onRows(["DeleteItem"], "reset-mail *"),
    ]);
  });

  it("mails hours every five minutes, and ends before another process may try", () => {
    const { inputs } = one(graph, "lambda/function:Function", "HoursMailFunction");
    expect([inputs["memorySize"], inputs["timeout"]]).toEqual([1024, 290]);
    const { variables } = inputs["environment"] as { variables: Record<string, string> };
    expect(variables["GATEPOST_ALERTS"]).toContain('"lists"');
    expect(variables["GATEPOST_ALERT_SECRETS"]).toBe("{}");
    expect(one(graph, "scheduler/schedule:Schedule", "HoursMailScheduleSchedule").inputs).toMatchObject({
      scheduleExpression: "rate(5 minutes)",
      target: { arn: arn("lambda", "function:gatepost-test-HoursMailFunction") },
    });
    for (const name of ["background-errors", "sweeps-silent"]) {
      const alarm = one(graph, "cloudwatch/metricAlarm:MetricAlarm", name).inputs;
      expect(JSON.stringify(alarm)).toContain('"FunctionName":"gatepost-test-HoursMailFunction"');
    }
  });

  it("asks of one alarm at most the ten metrics that CloudWatch takes", () => {
    for (const { name, inputs } of all(graph, "cloudwatch/metricAlarm:MetricAlarm")) {
      const queries = (inputs["metricQueries"] ?? []) as { metric?: object }[];
      expect(queries.filter(({ metric }) => metric !== undefined).length, name).toBeLessThanOrEqual(10);
    }
  });

  it("gives the API the language of the mails, and no secret", () => {
    const { inputs } = one(graph, "lambda/function:Function", "ApiFunction");
    const { variables } = inputs["environment"] as { variables: Record<string, string> };
    expect(variables["GATEPOST_MAIL_LANGUAGE"]).toBe("zh");
    expect(variables).not.toHaveProperty("GATEPOST_ALERT_SECRETS");
  });
});

const rule = { name: "people", pattern: {}, target: { type: "wecom" } };

it("alerts are not deployed without a rule", () => {
  const named = [undefined, " ", "[]", JSON.stringify([{ ...rule, isOn: false }])];
  expect(named.map((rules) => usedAlerts(settingsOf("test", { GATEPOST_ALERTS: rules }).settings.alerts))).toEqual(
    named.map(() => undefined),
  );
});

it.each([
  [usualLanguage("email", ""), [{ type: "email" }]],
  ["zh", [{ type: "wecom" }, { type: "email", template: "{who} 来了" }, { type: "email" }]],
  ["en", [{ type: "email", template: 7 }, { type: "email", template: "{nothing}" }, { type: "email" }]],
  [undefined, [{ type: "wecom", template: "zh" }]],
  [undefined, []],
])("hours are mailed in %s for the targets %j", (language, targets) => {
  expect(mailLanguageOf(targets.map((target) => ({ ...rule, target })))).toBe(language);
});

it.each([
  ["{", /^GATEPOST_ALERTS: it must be a list of at most 50 rules; see docs\/alerts.md/],
  ["{}", /it must be a list of at most 50 rules/],
  [JSON.stringify([null]), /rule 1 has no name/],
  [JSON.stringify([{ ...rule, name: "a b" }]), /rule 1 has no name/],
  [JSON.stringify([rule, rule]), /rule 2 has the name people again/],
  [JSON.stringify([{ ...rule, pattern: "x" }]), /rule 1 \(people\) has no pattern/],
  [
    JSON.stringify([{ ...rule, pattern: { detail: { want_action: [1002] } } }]),
    /rule 1 \(people\) has a pattern that cannot be used: .*want_action is text on the bus: write "1002", in quotes/,
  ],
  [
    JSON.stringify([{ ...rule, pattern: { $or: [{ a: night }, { b: ["x"] }] } }]),
    /rule 1 \(people\) has a pattern that cannot be used: \$\.\$or: here between is not for \$or/,
  ],
  [JSON.stringify([{ ...rule, target: { url: "https://x" } }]), /rule 1 \(people\) has no target with a type/],
  [
    JSON.stringify([{ ...rule, target: { type: "wecom", secret: "x" } }]),
    /rule 1 \(people\) has a secret: it belongs into/,
  ],
  [JSON.stringify([{ ...rule, target: { type: "wecom", template: "字".repeat(1000) } }]), /it may have 2048 bytes/],
])("rules as %s stop the deploy", (named, why) => {
  expect(() => settingsOf("test", { GATEPOST_ALERTS: named })).toThrow(why);
});
