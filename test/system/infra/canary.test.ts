import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { faultsOf, situationsOf } from "./checks/alarms.ts";
import { alarmInputs } from "./cloudwatch/alarm.ts";
import {
  all,
  copyOfStacks,
  document,
  type Graph,
  one,
  readable,
  statementsOf,
  synth,
  synthTimeoutMs,
} from "./stages.ts";

describe("a deployment with a canary", () => {
  let graph: Graph;
  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), "gatepost-canary-"));
    try {
      await copyOfStacks(root);
      const settings = { canary: true, alarms: "ops@example.com" };
      await writeFile(join(root, "stages.json"), JSON.stringify({ stages: { test: settings } }));
      const secrets = { SST_SECRET_CanaryIngestKey: "gpi_one", SST_SECRET_CanaryReadKey: "gpr_two" };
      const out = join(root, "synth");
      await synth(["--shallow", "--stage", "test", "--root", root, "--out", out], secrets);
      graph = readable(out);
    } finally {
      await rm(root, { recursive: true });
    }
  }, synthTimeoutMs);

  it("runs it every five minutes, with keys that only deliver and see checks", () => {
    const [schedule] = all(graph, "scheduler/schedule:Schedule").filter(({ name }) => name.startsWith("Canary"));
    expect(schedule?.inputs).toMatchObject({ scheduleExpression: "rate(5 minutes)", state: "ENABLED" });
    const { inputs } = one(graph, "lambda/function:Function", "CanaryFunction");
    expect(inputs["environment"]).toMatchObject({
      variables: {
        GATEPOST_CANARY_INGEST_KEY: "gpi_one",
        GATEPOST_CANARY_READ_KEY: "gpr_two",
        GATEPOST_PHOTO_URL: graph.outputs["url"],
        GATEPOST_LIVE_URL: graph.outputs["live"],
        GATEPOST_ALARM_TOPICS: "arn:aws:sns:eu-west-1:123456789012:gatepost-test-AlarmsTopic",
      },
    });
    const others = all(graph, "lambda/function:Function").filter((one) => JSON.stringify(one).includes("gpr_two"));
    expect(others).toHaveLength(1);
  });

  it("lets it erase events and list subscriptions, and read no pictures", () => {
    const statements = JSON.stringify(statementsOf(graph, "CanaryRole"));
    expect(statements).toContain('"sns:ListSubscriptionsByTopic"');
    expect(statements).not.toContain("s3:GetObject");
    expect(statements).not.toContain("sns:Publish");
  });

  it("rings if two checks fail or none runs, and urgently", () => {
    const alarm = one(graph, "cloudwatch/metricAlarm:MetricAlarm", "canary-failed").inputs;
    expect(faultsOf(situationsOf(graph), "canary-failed", alarmInputs.parse(alarm))).toEqual([]);
    const mistaken = { ...alarm, evaluationPeriods: 1 };
    expect(faultsOf(situationsOf(graph), "canary-failed", alarmInputs.parse(mistaken))).toEqual(["rings for nothing"]);
    const urgent = one(graph, "cloudwatch/compositeAlarm:CompositeAlarm", "boxes-cannot-deliver").inputs;
    expect(urgent["alarmRule"]).toContain(' OR ALARM("gatepost-test-canary-failed")');
    expect(alarm["alarmActions"]).toEqual([]);
  });

  it("notes the setting", () => {
    const deployed = document(one(graph, "ssm/parameter:Parameter", "Deployed"), "value");
    expect(deployed).toMatchObject({ settings: { canary: "true" } });
  });
});
