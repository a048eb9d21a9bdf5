import { setImmediate as turn } from "node:timers/promises";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { day, noon, upsert } from "../samples.ts";
import { removeExpired } from "./expiring.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

const page = { limit: 100, cursor: null };

/** The expiry of a record that is received at noon. */
const expiry = noon + 90 * day;

function record(number: number, receivedAt = noon + number): QuarantineRecord {
  const body = Buffer.from(`body ${number}`);
  const facts = { path: "/HistoryEvent", reason: "not-json", headers: {}, event: null };
  return { id: `qrt_${number}`, box: "gate-1", receivedAt, body, ...facts };
}

onStandIns((standIns) => {
  describe("quarantine in DynamoDB and S3", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns, { quarantineLimits: { records: 10, bytes: 100_000 } });
    });
    afterEach(() => deps.close());

    const bodies = async () => {
      const { Contents = [] } = await deps.clients.s3.send(new ListObjectsV2Command({ Bucket: deps.names.bucket }));
      return Contents.map(({ Key = "" }) => Key);
    };

    const rowOf = async (pk: string) => {
      const asked = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: pk } } });
      return (await deps.clients.dynamo.send(asked)).Item;
    };

    /** The counts of a box, by the hour. */
    const countsOf = async (box: string) => {
      const counts = Object.entries((await rowOf(`quarantine ${box}`)) ?? {});
      const named = (name: RegExp) => counts.flatMap(([key, { N }]) => (name.test(key) ? [Number(N)] : []));
      return { records: named(/^r_\d/), bytes: named(/^b_\d/) };
    };

    it("has no body left of a whole batch when one of its events is erased", async () => {
      const eventsOfBatch = ["a", "b"].map((event) => upsert(event).eventId);
      const [first, second] = eventsOfBatch;
      for (const event of ["a", "b"]) await deps.ingest.index.upsert(upsert(event));
      await deps.ingest.quarantine.put({ ...record(1), eventsOfBatch });
      expect(await bodies()).toHaveLength(1);
      await deps.reads.eraser.eraseEvent(String(first));
      expect(await bodies()).toEqual([]);
      expect(await rowOf(`batch qrt_1 ${first}`)).toBeUndefined();
      expect(Number((await rowOf(`batch qrt_1 ${second}`))?.["ttl"]?.N)).toBeGreaterThan(noon / 1000);
      await deps.reads.eraser.eraseEvent(String(second));
      expect(await rowOf(`batch qrt_1 ${second}`)).toBeUndefined();
    });

    it("writes nothing more after a failure: the process may then be frozen for hours", async () => {
      const order: string[] = [];
      const uncounted = Promise.withResolvers<void>();
      before(deps.clients.dynamo, "UpdateItemCommand", '"quarantine gate-1"', async () => {
        uncounted.resolve();
        throw new Error("the table does not answer");
      });
      deps.clients.s3.middlewareStack.add(
        (next) => async (args) => {
          await uncounted.promise;
          await turn();
          order.push("body");
          return next(args);
        },
        { step: "initialize" },
      );
      await deps.ingest.quarantine.put(record(1)).catch(() => order.push("failed"));
      expect(order).toEqual(["body", "failed"]);
    });

    it("keeps bodies under the prefix of their box, which does not show its name", async () => {
      await deps.ingest.quarantine.put(record(1));
      const [key, ...others] = await bodies();
      expect(key).toMatch(/^quarantine\/[0-9a-f]{16}\/qrt_1\.\d+$/);
      expect(others).toEqual([]);
    });

    it("takes the body away with its record", async () => {
      for (let number = 1; number <= 12; number++) await deps.ingest.quarantine.put(record(number));
      expect(await bodies()).toHaveLength(10);
      await deps.reads.quarantine.remove("qrt_12");
      expect(await bodies()).toHaveLength(9);
    });

    it("keeps a row as long as its report, less at most an hour", async () => {
      const receivedAt = noon + 59 * 60 * 1000;
      await deps.ingest.quarantine.put(record(1, receivedAt));
      expect((await rowOf("qrt_1"))?.["ttl"]).toEqual({ N: `${expiry / 1000}` });
    });

    it("keeps the age of a repeated body, so that the bucket removes it", async () => {
      await deps.ingest.quarantine.put(record(1));
      const [Key] = await bodies();
      const written = Buffer.from("as it was written first");
      await deps.clients.s3.send(new PutObjectCommand({ Bucket: deps.names.bucket, Key, Body: written }));
      await deps.ingest.quarantine.put(record(1, noon + day));
      expect((await deps.reads.quarantine.get("qrt_1"))?.body).toEqual(written);
      expect(await bodies()).toEqual([Key]);
    });

    it("writes the body that a process did not come to write", async () => {
      await deps.ingest.quarantine.put(record(1));
      const [Key] = await bodies();
      await deps.clients.s3.send(new DeleteObjectCommand({ Bucket: deps.names.bucket, Key }));
      await deps.ingest.quarantine.put(record(1, noon + 5));
      expect((await deps.reads.quarantine.get("qrt_1"))?.body).toEqual(record(1).body);
    });

    it.each(["before", "after"])("has all its room again %s DynamoDB has removed expired records", async (when) => {
      for (let number = 1; number <= 10; number++) await deps.ingest.quarantine.put(record(number));
      deps.lines.length = 0;
      deps.setClock(expiry);
      if (when === "after") await removeExpired(deps, expiry);
      for (let number = 11; number <= 15; number++) await deps.ingest.quarantine.put(record(number, expiry + number));
      expect(deps.lines).toEqual([]);
      for (let number = 16; number <= 20; number++) await deps.ingest.quarantine.put(record(number, expiry + number));
      const { items } = await deps.reads.quarantine.list("gate-1", page);
      expect(items).toHaveLength(10);
      expect(await deps.reads.quarantine.dropped()).toEqual({});
    });

    it("counts a record once that is received again after it expired", async () => {
      await deps.ingest.quarantine.put(record(1));
      deps.setClock(expiry);
      await Promise.all(Array.from({ length: 8 }, () => deps.ingest.quarantine.put(record(1, expiry))));
      expect(await countsOf("gate-1")).toEqual({ records: [1], bytes: [6] });
      await deps.reads.quarantine.remove("qrt_1");
      expect(await countsOf("gate-1")).toEqual({ records: [0], bytes: [0] });
    });

    it("makes no row by the removal of a record that is not there", async () => {
      await deps.reads.quarantine.remove("qrt_none");
      expect(await rowOf("qrt_none")).toBeUndefined();
    });

    it("forgets no count of an hour that is counted again meanwhile", async () => {
      const hour = 60 * 60 * 1000;
      await deps.ingest.quarantine.put(record(1));
      await deps.reads.quarantine.remove("qrt_1");
      before(deps.clients.dynamo, "UpdateItemCommand", '"UpdateExpression":"REMOVE', () =>
        deps.ingest.quarantine.put(record(2)),
      );
      await deps.ingest.quarantine.put(record(3, noon + hour));
      expect((await countsOf("gate-1")).records).toEqual([1, 1]);
    });

    it("forgets the counts of hours that are over or empty", async () => {
      const hour = 60 * 60 * 1000;
      for (let number = 0; number < 13; number++)
        await deps.ingest.quarantine.put(record(number, noon + number * hour));
      expect((await countsOf("gate-1")).records).toEqual(Array(10).fill(1));
      deps.setClock(expiry + 12 * hour);
      await deps.ingest.quarantine.put(record(13, expiry));
      expect((await countsOf("gate-1")).records).toEqual([1]);
    });

    it("stores nothing of a record that expires during its replay", async () => {
      deps.setClock(expiry);
      await deps.ingest.quarantine.put(record(1));
      expect([await rowOf("qrt_1"), await bodies()]).toEqual([undefined, []]);
    });

    it("leaves no body to an erasure that finds the record expired", async () => {
      const event = { id: "evt_1", fingerprint: "face-a" };
      await deps.ingest.index.upsert(upsert("a"));
      await deps.ingest.quarantine.put({ ...record(1), event: { ...event, id: upsert("a").eventId } });
      deps.setClock(expiry);
      await deps.reads.eraser.eraseEvent(upsert("a").eventId);
      expect([await rowOf("qrt_1"), await bodies()]).toEqual([undefined, []]);
      expect((await countsOf("gate-1")).records).toEqual([1]);
    });

    it("stays near its bound, and keeps the newest, under concurrent writes", async () => {
      const concurrency = 8;
      for (let number = 1; number <= 40; number += concurrency) {
        await Promise.all(
          Array.from({ length: concurrency }, (_, n) => deps.ingest.quarantine.put(record(number + n))),
        );
      }
      const { items } = await deps.reads.quarantine.list("gate-1", page);
      expect(items.length).toBeLessThanOrEqual(10 + concurrency);
      expect(items.length + ((await deps.reads.quarantine.dropped())["gate-1"] ?? 0)).toBe(40);
      for (const { id } of items) expect((await deps.reads.quarantine.get(id))?.body).toBeDefined();
      expect(items.map(({ id }) => id)).toContain("qrt_40");
    });

    it("keeps the body of a record that is received again during its removal", async () => {
      await deps.ingest.quarantine.put(record(1));
      let again: Promise<void> | undefined;
      deps.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === "DeleteObjectCommand" && again === undefined) {
              again = deps.ingest.quarantine.put(record(1, noon + 500));
              await again;
            }
            return next(args);
          },
        { step: "initialize" },
      );
      await deps.reads.quarantine.remove("qrt_1");
      await again;
      expect((await deps.reads.quarantine.get("qrt_1"))?.body).toEqual(record(1).body);
    });

    it("accepts a durable record even if it cannot make room for it", async () => {
      for (let number = 1; number <= 10; number++) await deps.ingest.quarantine.put(record(number));
      deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            commandName === "DeleteItemCommand" ? Promise.reject(new Error("no")) : next(args),
        { step: "initialize" },
      );
      await deps.ingest.quarantine.put(record(11));
      expect(await deps.reads.quarantine.get("qrt_11")).not.toBeNull();
      expect(deps.lines.at(-1)).toMatchObject({ level: "warn", message: "quarantine not kept bounded" });
    });
  });
});
