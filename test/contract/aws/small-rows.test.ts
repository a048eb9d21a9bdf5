import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { limits, shortName } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256Of } from "../../../packages/aws/src/s3/objects.ts";
import { onStandIns } from "../../standins/aws.ts";
import { day, noon, report, upsert } from "../samples.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("a device", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    const write = (event: string, time = noon) =>
      deps.ingest.index.upsert(upsert(event, { now: time, report: report({ device: { ip: "10.0.0.7" } }) }));

    it("is noted once a day by a process, however many events it has", async () => {
      const calls = countCalls(deps.clients);
      for (let n = 0; n < 5; n++) await write(`${n}`);
      // One raises the head of the feed.
      expect(calls).toMatchObject({ UpdateItemCommand: 7 });
      await write("tomorrow", noon + day);
      expect(calls).toMatchObject({ UpdateItemCommand: 9 });
    });

    it("is noted with the next report if noting it failed", async () => {
      before(deps.clients.dynamo, "UpdateItemCommand", "device ", () => Promise.reject(new Error("throttled")));
      expect((await write("a")).outcome).toBe("created");
      expect(deps.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
        "could not note device",
      ]);
      await write("b");
      expect(await deps.reads.devices.devices()).toEqual(["10.0.0.7"]);
    });

    it("takes the place of one whose events are gone, asked for once an hour", async () => {
      const name = (n: number | string) => `10.0.0.${n}`;
      const send = (n: number | string, time = noon) =>
        deps.ingest.index.upsert(upsert(`${n} ${time}`, { now: time, report: report({ device: { ip: name(n) } }) }));
      await Promise.all(Array.from({ length: limits.devicesOfBox }, (_, n) => send(n)));
      await send("new");
      const calls = countCalls(deps.clients);
      await send("newer");
      expect(calls).toEqual({ UpdateItemCommand: 2 });
      expect(deps.lines.filter(({ level }) => level === "warn")).toEqual([
        {
          level: "warn",
          message: "a box names more devices than are listed",
          facts: { box: "gate-1", devices: limits.devicesOfBox },
        },
      ]);
      const { items } = await deps.reads.events.list({ box: "gate-1" }, { limit: 1, cursor: null });
      expect(items).toHaveLength(1);
      const row = { pk: { S: `device ${sha256Of(JSON.stringify(["gate-1", JSON.stringify(name(7))]))}` } };
      await deps.clients.dynamo.send(new DeleteItemCommand({ TableName: deps.names.table, Key: row }));
      await send("newest", noon + day);
      const devices = await deps.reads.devices.devices();
      expect(devices).toHaveLength(limits.devicesOfBox);
      expect(devices).toContain(name("newest"));
      expect(devices).not.toContain(name("new"));
    });

    it("is listed, and keeps its place from others, no longer than its row lasts", async () => {
      const send = (n: number, time: number) =>
        deps.ingest.index.upsert(
          upsert(`${n}`, { now: time, expiresAt: time + 30 * day, report: report({ device: { ip: `10.0.0.${n}` } }) }),
        );
      await Promise.all(Array.from({ length: limits.devicesOfBox }, (_, n) => send(n, noon)));
      deps.setClock(noon + 32 * day - 1);
      expect(await deps.reads.devices.devices()).toHaveLength(limits.devicesOfBox);
      // DynamoDB removes rows days later.
      deps.setClock(noon + 32 * day);
      expect(await deps.reads.devices.devices()).toEqual([]);
      await send(1000, noon + 32 * day);
      expect(await deps.reads.devices.devices()).toEqual(["10.0.0.1000"]);
    });

    it("is one of two hundred even if one body names more, with few writes", async () => {
      const calls = countCalls(deps.clients);
      const send = (n: number) =>
        deps.ingest.index.upsert(upsert(`${n}`, { report: report({ device: { ip: `10.0.0.${n}` } }) }));
      await Promise.all(Array.from({ length: limits.devicesOfBox + 50 }, (_, n) => send(n)));
      expect(await deps.reads.devices.devices()).toHaveLength(limits.devicesOfBox);
      expect(calls["PutItemCommand"]).toBeLessThan(50);
      expect(deps.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    });

    it("gets a place with its next event if the store failed before", async () => {
      before(deps.clients.dynamo, "PutItemCommand", "devices gate-1", () => Promise.reject(new Error("throttled")));
      await write("a");
      expect(await deps.reads.devices.devices()).toEqual([]);
      await write("b");
      expect(await deps.reads.devices.devices()).toEqual(["10.0.0.7"]);
    });

    it("has an id that no text of it can break", async () => {
      const id = `\ud800 ${"Ω".repeat(4000)}`;
      await deps.ingest.index.upsert(upsert("odd", { report: report({ device: { id } }) }));
      expect(await deps.reads.devices.devices()).toEqual([shortName(id)]);
    });
  });
});
