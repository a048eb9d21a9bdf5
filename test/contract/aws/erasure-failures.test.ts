import { paginateScan } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { monthOf } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { isLong } from "../../support/seeded.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { noon, picture, report, upsert as written } from "../samples.ts";
import { type FailingCall, failingCallOf, failures } from "./failing-call.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

const month = monthOf(noon);
const [one, two] = [picture("one"), picture("two")];
const shows = ({ data: _, ...registered }: typeof one) => report({ pictures: { registered } });
/** Its event ends no sooner than the bucket removes its objects. */
const upsert = (name: string, overrides: Partial<ReturnType<typeof written>> = {}) =>
  written(name, { expiresAt: noon + 90 * 24 * 60 * 60 * 1000, ...overrides });
const eventId = upsert("a").eventId;

/**
 * Rows without data of an event: the erasure epoch, the marks of shared pictures, which expire after a day, erased ids
 * as keyed hashes and the key of these, devices, the size of a box's quarantine, the head of the feed, and its news,
 * which has ids alone and expires after an hour.
 */
const holdNothing =
  /^(erasure-seal$|leaving |suppressed [\w-]{22}(?:#[1-7])?$|secret suppression$|devices? |quarantine |feed head$|nws_)/;

/** More calls than any erasure here makes. */
const maxCalls = 60;

/** Only every sixth call fails unless all are asked for. Each erasure and kind of failure starts at another call. */
const step = isLong ? 1 : 2 * failures.length;

onStandIns((standIns) => {
  describe("an erasure with one failing call", () => {
    let deps: TestRuntime;
    let call: FailingCall;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      call = failingCallOf(deps.clients);
    });
    afterEach(() => deps.close());

    const keep = (number: number, about: string | null = eventId) =>
      deps.ingest.quarantine.put({
        id: `qrt_${number}`,
        box: "gate-1",
        path: "/x",
        reason: "picture",
        receivedAt: noon + number,
        headers: {},
        body: Buffer.from(`a face ${number}`),
        event: about === null ? null : { id: about, fingerprint: "face-a" },
      });
    /** An event with a second picture in its own row, and two quarantine records. */
    const write = async () => {
      for (const each of [one, two]) await putPicture(deps.ingest.pictures, month, "registered", each);
      await deps.ingest.index.upsert(upsert("a", { report: shows(one) }));
      await deps.ingest.index.upsert(upsert("a", { report: shows(two) }));
      for (const number of [1, 2]) await keep(number);
    };
    const at = async <Result>(time: number, act: () => Promise<Result>) => {
      deps.setClock(noon + time);
      try {
        return await act();
      } finally {
        deps.setClock(noon);
      }
    };
    const finish = (time = 200_000) => at(time, () => deps.reads.eraser.finish());
    /** The first sweep marks a shared picture in its own row, and the next one removes it. */
    const finishAll = async () => {
      await finish();
      await finish(400_000);
    };
    const left = async () => {
      const { Contents = [] } = await deps.clients.s3.send(new ListObjectsV2Command({ Bucket: deps.names.bucket }));
      const rows: string[] = [];
      for await (const { Items = [] } of paginateScan(
        { client: deps.clients.dynamo },
        { TableName: deps.names.table },
      )) {
        rows.push(...Items.map(({ pk }) => pk?.S ?? ""));
      }
      return [...Contents.map(({ Key = "" }) => Key), ...rows.filter((pk) => !holdNothing.test(pk))];
    };

    const erasures = {
      "of an event": () => deps.reads.eraser.eraseEvent(eventId),
      "of a person": () => erasePerson(deps.reads.eraser, "666666", null),
    };

    describe.each(Object.keys(erasures) as (keyof typeof erasures)[])("%s", (whose) => {
      it.each(failures)("leaves nothing after its repetition, whichever call %s", async (how) => {
        const first = 2 * failures.indexOf(how) + Object.keys(erasures).indexOf(whose);
        for (let number = isLong ? 0 : first; ; number += step) {
          await write();
          call.fail(number, how);
          await erasures[whose]()
            .then(() => finish(100_000))
            .catch(() => {});
          const { hasStruck } = call;
          call.fail(1000, how);
          await erasures[whose]();
          await finishAll();
          await finish(600_000);
          expect(await left(), `after call ${number}`).toEqual([]);
          if (!hasStruck) return expect(number).toBeGreaterThan(10);
          expect(number).toBeLessThan(maxCalls);
        }
      });
    });

    it("is not finished before the body of every record is gone", async () => {
      await write();
      let isSlow = true;
      deps.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            isSlow && commandName === "DeleteObjectCommand" ? Promise.reject(new Error("slow down")) : next(args),
        { step: "initialize" },
      );
      await expect(deps.reads.eraser.eraseEvent(eventId)).rejects.toThrow("slow down");
      await expect(finish()).rejects.toThrow("stay due");
      expect(await left()).toEqual(expect.arrayContaining(["qrt_1", "qrt_2", expect.stringMatching(/^erasure evt_/)]));
      expect(await deps.reads.quarantine.get("qrt_1")).toBeNull();
      isSlow = false;
      // A removal that began just now is left alone for a minute: its process may still be working.
      await finish(400_000);
      await finish(600_000);
      expect(await left()).toEqual([]);
    });

    it("is not finished before each picture is gone, also one that the event never showed", async () => {
      await write();
      await deps.reads.eraser.eraseEvent(eventId);
      let isSlow = true;
      deps.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          (args) => {
            const isMeant = commandName === "DeleteObjectCommand" && JSON.stringify(args.input).includes(two.sha256);
            return isSlow && isMeant ? Promise.reject(new Error("slow down")) : next(args);
          },
        { step: "initialize" },
      );
      await finish();
      await expect(finish(400_000)).rejects.toThrow("stay due");
      isSlow = false;
      await finish(400_000);
      expect(await left()).toEqual([]);
    });

    it("leaves no row of a picture that another event shows, and leaves the picture", async () => {
      await write();
      await deps.ingest.index.upsert(upsert("b", { report: shows(two) }));
      await deps.reads.eraser.eraseEvent(eventId);
      await finishAll();
      expect((await left()).sort()).toEqual([upsert("b").eventId, `registered/${month}/${two.sha256}.jpg`].sort());
    });

    it("removes a body whose upload ended after its record was removed", async () => {
      await write();
      let isDone = false;
      deps.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === "PutObjectCommand" && !isDone) {
              isDone = true;
              await deps.reads.eraser.eraseEvent(eventId);
            }
            return next(args);
          },
        { step: "initialize" },
      );
      await keep(3);
      await finishAll();
      expect(await left()).toEqual([]);
    });

    it("removes the picture of a report that joined unseen before the row was removed", async () => {
      await write();
      const late = picture("late");
      await putPicture(deps.ingest.pictures, month, "registered", late);
      const { data: _, ...registered } = late;
      before(deps.clients.dynamo, "DeleteItemCommand", eventId, async () => {
        await deps.ingest.index.upsert(upsert("a", { report: report({ kind: "live", pictures: { registered } }) }));
      });
      deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === "DeleteItemCommand") await next(args);
            return next(args);
          },
        { step: "initialize", priority: "low" },
      );
      await deps.reads.eraser.eraseEvent(eventId);
      await finishAll();
      expect(await left()).toEqual([]);
    });

    it("lets the sweep finish removals that a full quarantine or a replay began", async () => {
      await keep(1, null);
      call.fail(1, "fails");
      await expect(deps.reads.quarantine.remove("qrt_1")).rejects.toThrow("DeleteObjectCommand");
      expect((await deps.reads.quarantine.list("gate-1", { limit: 10, cursor: null })).items).toEqual([]);
      expect(await finish(59_000)).toBe(0);
      expect(await finish(60_000)).toBe(1);
      expect(await left()).toEqual([]);
    });

    it("restores a record that is received again before its removal has ended", async () => {
      await keep(1, null);
      call.fail(1, "fails");
      await expect(deps.reads.quarantine.remove("qrt_1")).rejects.toThrow("DeleteObjectCommand");
      await at(5000, () => keep(1, null));
      await finish();
      expect(await deps.reads.quarantine.get("qrt_1")).toMatchObject({ body: Buffer.from("a face 1") });
      expect((await deps.reads.quarantine.list("gate-1", { limit: 10, cursor: null })).items).toHaveLength(1);
    });
  });
});
