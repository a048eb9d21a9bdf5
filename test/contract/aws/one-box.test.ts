import { DynamoDBServiceException, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { Body, deliver } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awsTally } from "../../../packages/aws/src/runtime/tally.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { history } from "../../support/reports.ts";
import { noon } from "../samples.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("one box with hostile reports or a broken row", () => {
    let deps: TestRuntime;
    let now: number;
    let sequence: number;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      [now, sequence] = [noon, 0];
    });
    afterEach(() => deps.close());

    /** The function that reads the stream, as a process has it. */
    const tally = () =>
      awsTally(environmentOf(deps.names), {
        clients: deps.clients,
        limits: patient,
        clock: () => now,
        log: deps.ingest.log,
      });

    /** A report, as the stream gives it. */
    async function recordOf(box: string, device: Record<string, string> = {}) {
      sequence += 1;
      const ep_info = { ep_id: "S__10.0.0.7", ep_type: "photo", ep_ip: "10.0.0.7", ep_name: "gate", ...device };
      const body = new Body(Buffer.from(JSON.stringify(history({ timestamp: noon + sequence, ep_info }))));
      const request = { method: "POST", headers: {}, body, address: "10.0.0.1" };
      await deliver(request, { box, path: ["HistoryEvent"] }, deps.ingest);
      const { items } = await deps.reads.events.list({ box }, { limit: 1, cursor: null });
      const pk = { S: items[0]?.id ?? "" };
      const row = await deps.clients.dynamo.send(new GetItemCommand({ TableName: deps.names.table, Key: { pk } }));
      return { dynamodb: { SequenceNumber: `${sequence}`, NewImage: row.Item } };
    }

    const shown = (box: string) => deps.reads.boxes.reader.get(box);

    it("is noted with devices of long names, and stops no other", async () => {
      const handle = tally();
      for (let n = 0; n < 20; n += 1) {
        const long = (of: string) => `${n}${of.repeat(8000)}`;
        const record = await recordOf("hostile", { device_id: long("d"), ep_ip: long("i"), ep_name: long("n") });
        now += 61_000;
        await handle({ shardId: "shard-0", Records: [record] });
      }
      expect((await shown("hostile"))?.devices).toHaveLength(20);
      await handle({ shardId: "shard-1", Records: [await recordOf("gate-1")] });
      expect(await shown("gate-1")).toMatchObject({ state: "reports", devices: [{ ip: "10.0.0.7" }] });
      expect(deps.lines.filter(({ level }) => level !== "info")).toEqual([]);
    });

    it("is logged once and dropped if its row is unreadable or refused", async () => {
      const handle = tally();
      await handle({ shardId: "shard-0", Records: [await recordOf("unread"), await recordOf("refused")] });
      await deps.clients.dynamo.send(
        new UpdateItemCommand({
          TableName: deps.names.table,
          Key: { pk: { S: "box unread" } },
          UpdateExpression: "SET #record = :none",
          ExpressionAttributeNames: { "#record": "record" },
          ExpressionAttributeValues: { ":none": { S: "{}" } },
        }),
      );
      const refuse = async () => {
        throw new DynamoDBServiceException({
          name: "ValidationException",
          message: "Item size to update has exceeded the maximum allowed size",
          $fault: "client",
          $metadata: {},
        });
      };
      now += 61_000;
      const Records = [await recordOf("unread"), await recordOf("refused"), await recordOf("gate-1")];
      before(deps.clients.dynamo, "UpdateItemCommand", "box refused", refuse);
      await handle({ shardId: "shard-0", Records });
      expect(await shown("gate-1")).toMatchObject({ state: "reports" });
      const errors = deps.lines.filter(({ level }) => level === "error");
      expect(errors.map(({ facts }) => facts)).toMatchObject([{ box: "unread" }, { box: "refused" }]);
      now += 61_000;
      await handle({ shardId: "shard-0", Records: [await recordOf("unread")] });
      expect(deps.lines.filter(({ level }) => level === "error")).toHaveLength(2);
    });

    it("fails the batch if the store is away for a moment", async () => {
      const handle = tally();
      const Records = [await recordOf("gate-1")];
      const throttle = async () => Promise.reject(new Error("throttled"));
      before(deps.clients.dynamo, "UpdateItemCommand", "box gate-1", throttle);
      await expect(handle({ shardId: "shard-0", Records })).rejects.toThrow("throttled");
      await handle({ shardId: "shard-0", Records });
      expect(await shown("gate-1")).toMatchObject({ state: "reports" });
    });
  });
});
