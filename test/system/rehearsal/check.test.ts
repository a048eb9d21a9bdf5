import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { awsCanary } from "@gatepost/aws/canary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Checked } from "../../../packages/cli/src/health/check.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { gatepost, gatepostJson } from "../cli/support.ts";
import { synthChosen } from "../infra/chosen.ts";
import { copyOfStacks, type Graph, synthTimeoutMs } from "../infra/stages.ts";
import type { Statement } from "./permissions.ts";
import { functionsOf, recorded } from "./recorded.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

/** The access key of the canary, by which its role is found. */
const canary = "canary";

/** The statements of the canary's role, on the table and the bucket of the rehearsed graph. */
async function roleOfCanary(graph: Graph): Promise<readonly Statement[]> {
  const root = await mkdtemp(join(tmpdir(), "gatepost-canary-"));
  try {
    await copyOfStacks(root);
    const [role] = functionsOf(await synthChosen(root), root).filter(({ name }) => name.includes("Canary"));
    const [table] = recorded(graph, "dynamodb/table:Table");
    const [store] = recorded(graph, "s3/bucket:Bucket").filter(({ resource }) => resource.parent === "Store");
    const text = JSON.stringify(role?.statements)
      .replaceAll("gatepost-test-EventsTable", table?.name ?? "")
      .replaceAll("gatepost-test-storebucket", store?.bucket ?? "");
    return JSON.parse(text);
  } finally {
    await rm(root, { recursive: true });
  }
}

whereRehearsable(() => {
  describe("gatepost check, of the deployment", () => {
    let deps: Started;
    beforeAll(async () => {
      deps = await started(undefined, async (graph) => ({ roles: new Map([[canary, await roleOfCanary(graph)]]) }));
    }, synthTimeoutMs);
    afterAll(() => deps.stop());

    const remote = ({ url, admin }: Rehearsal) => ["--url", url, "--token", admin];

    it("delivers a report that is counted nowhere and reaches no subscriber", async () => {
      const { rehearsal, client } = deps;
      const checked = await gatepostJson<Checked>("check", ...remote(rehearsal));
      expect(checked.steps.map(({ step, failed }) => [step, failed])).toEqual(
        ["key", "connect", "deliver", "read", "pictures", "feed", "bus", "erase", "revoke"].map((step) => [step, null]),
      );
      expect(await client.events("&box=gatepost-check")).toEqual([]);
      expect([...rehearsal.bus.queues.values()].flat()).toEqual([]);
      const counts = rehearsal
        .log()
        .split("\n")
        .filter((line) => line.includes("CloudWatchMetrics"));
      expect(counts.filter((line) => line.includes("gatepost-check"))).toEqual([]);
      const devices = await client.get(`/SophonDevice/api/Devices?token=${rehearsal.admin}`);
      expect(await devices.text()).not.toContain("gatepost-check");
      expect(rehearsal.refused).toEqual([]);
    });

    /** The handler of the canary, under its role, with these subscriptions of the topic of alarms. */
    async function canaryOf({ rehearsal, client }: Started, subscriptions: readonly string[]) {
      const { region, dynamo, s3, table, bucket } = rehearsal.operator;
      const credentials = { accessKeyId: canary, secretAccessKey: "rehearsal" };
      const ingestKey = await client.createKey("gatepost-check");
      const reading = { scope: "read", boxes: ["gatepost-check"] };
      const env = {
        GATEPOST_TABLE: table,
        GATEPOST_BUCKET: bucket,
        GATEPOST_PHOTO_URL: rehearsal.url,
        GATEPOST_CANARY_INGEST_KEY: ingestKey.token,
        GATEPOST_CANARY_READ_KEY: z
          .object({ token: z.string() })
          .parse(await (await client.post("/v1/keys", reading)).json()).token,
        GATEPOST_ALARM_TOPICS: "arn:aws:sns:eu-west-1:123456789012:Alarms",
      };
      const clients = {
        dynamo: new DynamoDBClient({ region, credentials, endpoint: dynamo }),
        s3: new S3Client({ region, credentials, endpoint: s3, forcePathStyle: true }),
        events: new EventBridgeClient({ region, credentials }),
      };
      const ports = new MemoryPorts();
      ports.now = Date.now();
      const run = awsCanary(ports, env, { clients, listSubscriptions: async () => subscriptions });
      return { run, ports };
    }

    it("succeeds as the canary, which leaves no data", async () => {
      const { rehearsal, client } = deps;
      const { run, ports } = await canaryOf(deps, ["PendingConfirmation", "arn:aws:sns:eu-west-1:1:Alarms:2"]);
      await run();
      expect(ports.lines).toEqual([]);
      expect(await client.events("&box=gatepost-check")).toEqual([]);
      expect(rehearsal.refused).toEqual([]);
    });

    it("fails as the canary while no one has confirmed a subscription", async () => {
      const { run, ports } = await canaryOf(deps, ["PendingConfirmation"]);
      await expect(run()).rejects.toThrow(/no one has confirmed a subscription to arn:aws:sns/);
      expect(ports.lines.map(({ message }) => message)).toEqual(["canary failed"]);
    });

    it("does not say in the status whether someone is told, which AWS does not know", async () => {
      const { rehearsal } = deps;
      const { code, stdout } = await gatepost("status", ...remote(rehearsal), "--json");
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { untold: null }]);
      expect(rehearsal.refused).toEqual([]);
    });

    it("reports that the bus accepts nothing", async () => {
      const { rehearsal, client } = deps;
      rehearsal.bus.isDown = true;
      const { code, stderr } = await gatepost("check", ...remote(rehearsal), "--timeout", "2");
      rehearsal.bus.isDown = false;
      expect(code).toBe(1);
      expect(stderr).toMatch(/bus: the announcement did not come over the bus within 2 s: its action is pending\n$/);
      expect(await client.events("&box=gatepost-check")).toEqual([]);
    });

    it("reports that no rule delivers the bus's entries", async () => {
      const { rehearsal } = deps;
      const { invoke } = rehearsal.bus;
      rehearsal.bus.invoke = () => undefined;
      const { code, stderr } = await gatepost("check", ...remote(rehearsal), "--timeout", "2");
      rehearsal.bus.invoke = invoke;
      expect(code).toBe(1);
      expect(stderr).toMatch(/within 2 s: the bus accepted it, but no subscriber received it\n$/);
    });
  });
});
