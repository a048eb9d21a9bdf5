import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { QuarantineRecord } from "@gatepost/ingest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noon } from "../contracts/samples.ts";
import { onStandIns } from "../standins/aws.ts";
import { type Machine, machineOn } from "./machine.ts";

const page = { limit: 100, cursor: null };

function record(number: number, receivedAt = noon + number): QuarantineRecord {
  const body = Buffer.from(`body ${number}`);
  const facts = { path: "/HistoryEvent", reason: "not-json", headers: {}, event: null };
  return { id: `qrt_${number}`, box: "gate-1", receivedAt, body, ...facts };
}

onStandIns((standIns) => {
  describe("quarantine in DynamoDB and S3", () => {
    let on: Machine;
    beforeEach(async () => {
      on = await machineOn(standIns, { quarantineLimits: { records: 10, bytes: 100_000 } });
    });
    afterEach(() => on.close());

    const bodies = async () => {
      const { Contents = [] } = await on.clients.s3.send(new ListObjectsV2Command({ Bucket: on.names.bucket }));
      return Contents.map(({ Key = "" }) => Key);
    };

    it("keeps bodies under the prefix of their box, whose name they do not show", async () => {
      await on.ingest.quarantine.keep(record(1));
      const [key, ...others] = await bodies();
      expect(key).toMatch(/^quarantine\/[0-9a-f]{16}\/qrt_1\.\d+$/);
      expect(others).toEqual([]);
    });

    it("takes the body away with its record", async () => {
      for (let number = 1; number <= 12; number++) await on.ingest.quarantine.keep(record(number));
      expect(await bodies()).toHaveLength(10);
      await on.reads.quarantine.remove("qrt_12");
      expect(await bodies()).toHaveLength(9);
    });

    it("stays near its bound and loses none of the newest where many come at once", async () => {
      const atOnce = 8;
      for (let number = 1; number <= 40; number += atOnce) {
        await Promise.all(Array.from({ length: atOnce }, (_, n) => on.ingest.quarantine.keep(record(number + n))));
      }
      const { items } = await on.reads.quarantine.list("gate-1", page);
      expect(items.length).toBeLessThanOrEqual(10 + atOnce);
      expect(items.length + ((await on.reads.quarantine.dropped())["gate-1"] ?? 0)).toBe(40);
      for (const { id } of items) expect((await on.reads.quarantine.get(id))?.body).toBeDefined();
      expect(items.map(({ id }) => id)).toContain("qrt_40");
    });

    it("keeps the body of a record that comes again while its old body is being removed", async () => {
      await on.ingest.quarantine.keep(record(1));
      let again: Promise<void> | undefined;
      on.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === "DeleteObjectCommand") {
              again = on.ingest.quarantine.keep(record(1, noon + 500));
              await again;
            }
            return next(args);
          },
        { step: "initialize" },
      );
      await on.reads.quarantine.remove("qrt_1");
      await again;
      expect((await on.reads.quarantine.get("qrt_1"))?.body).toEqual(record(1).body);
    });

    it("acknowledges a record that is durable, also where it cannot make room for it", async () => {
      for (let number = 1; number <= 10; number++) await on.ingest.quarantine.keep(record(number));
      on.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            commandName === "DeleteItemCommand" ? Promise.reject(new Error("no")) : next(args),
        { step: "initialize" },
      );
      await on.ingest.quarantine.keep(record(11));
      expect(await on.reads.quarantine.get("qrt_11")).not.toBeNull();
      expect(on.lines.at(-1)).toMatchObject({ level: "warn", message: "quarantine not kept bounded" });
    });
  });
});
