import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { AuditEntry } from "@gatepost/core/audit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { verified } from "../../support/audit.ts";
import { noon } from "../samples.ts";
import { failingCallOf, failures } from "./failing-call.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const hour = 60 * 60 * 1000;
const entry: AuditEntry = { action: "key-revoked", outcome: "done", by: "key_1", from: null, about: { key: "key_2" } };

onStandIns((standIns) => {
  describe("the audit log in DynamoDB", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    const all = async () => (await deps.reads.audit.list({}, { limit: 100, cursor: null })).items;
    const faults = async () => (await verified(deps.reads.audit, { now: noon })).faults;

    it.each(failures)("stays whole whichever call %s, and has each entry once whose note came back", async (how) => {
      const failing = failingCallOf(deps.clients);
      const noted: unknown[] = [];
      for (let call = 0, hasStruck = true; hasStruck; call++) {
        failing.fail(call, how);
        await deps.reads.audit.note({ ...entry, about: { call } }).then(
          () => noted.push(call),
          () => {},
        );
        ({ hasStruck } = failing);
        failing.fail(-2, how);
        expect(await faults()).toEqual([]);
      }
      await deps.reads.audit.note(entry);
      expect(await faults()).toEqual([]);
      const calls = (await all()).flatMap(({ about }) => about["call"] ?? []);
      expect(calls.filter((call) => noted.includes(call)).toSorted()).toEqual(noted.toSorted());
      expect(new Set(calls).size).toBe(calls.length);
    });

    it.each(failures)("notes a sign-in, or the one after it, whichever call %s", async (how) => {
      const failing = failingCallOf(deps.clients);
      for (let call = 0, hasStruck = true; hasStruck; call++) {
        const signIn = { by: `key_${call}`, from: "a" };
        failing.fail(call, how);
        const signInAgain = () => deps.reads.audit.noteSignIn(signIn);
        await signInAgain().catch(() => {});
        ({ hasStruck } = failing);
        failing.fail(-2, how);
        await signInAgain();
        expect((await all()).filter(({ by }) => by === signIn.by).length, `call ${call}`).toBeGreaterThan(0);
      }
    });

    it.each(failures)("loses no count of pictures whichever call %s", async (how) => {
      const failing = failingCallOf(deps.clients);
      for (let call = 0, hasStruck = true, time = noon; hasStruck; call++) {
        deps.setClock(time);
        await deps.reads.audit.countPictures("key_1", 1);
        const { length } = await all();
        const begun = time;
        time += 2 * hour;
        deps.setClock(time);
        failing.fail(call, how);
        await deps.reads.audit.note(entry).catch(() => {});
        ({ hasStruck } = failing);
        failing.fail(-2, how);
        deps.setClock(time + hour);
        await deps.reads.audit.note(entry);
        const added = (await all()).slice(0, (await all()).length - length);
        const counts = added.filter(({ about }) => about["hour"] === new Date(begun).toISOString());
        expect(new Set(counts.map(({ about }) => about["count"]))).toEqual(new Set([1]));
        expect(counts.length).toBeLessThanOrEqual(2);
        time += 4 * hour;
      }
      expect((await verified(deps.reads.audit, { now: deps.ingest.clock() })).faults).toEqual([]);
    });

    it("asks once an hour for counts of hours that have ended, and notes them without another entry", async () => {
      const read = async () => {
        const calls = countCalls(deps.clients);
        await deps.reads.audit.countPictures("key_1", 1);
        return calls["QueryCommand"] ?? 0;
      };
      expect([(await read()) > 0, await read()]).toEqual([true, 0]);
      deps.setClock(noon + hour);
      expect([(await read()) > 0, await read()]).toEqual([true, 0]);
      const counted = { hour: new Date(noon).toISOString(), count: 2 };
      expect((await all()).map(({ by, about }) => [by, about])).toEqual([["key_1", counted]]);
    });

    it("asks again for counts of hours that have ended where it could not", async () => {
      await deps.reads.audit.countPictures("key_1", 1);
      deps.setClock(noon + hour);
      before(deps.clients.dynamo, "QueryCommand", "", () => Promise.reject(new Error("slow down")));
      await deps.reads.audit.countPictures("key_1", 1);
      expect([await all(), deps.lines]).toEqual([[], [expect.objectContaining({ level: "warn" })]]);
      await deps.reads.audit.countPictures("key_1", 1);
      expect((await all()).map(({ about }) => about["count"])).toEqual([1]);
      deps.setClock(noon + 2 * hour);
      await deps.reads.audit.note(entry);
      expect((await all()).map(({ about }) => about["count"])).toEqual([undefined, 2, 1]);
    });

    it("has a count noted by one process, while another one also finds it", async () => {
      await deps.reads.audit.countPictures("key_1", 1);
      deps.setClock(noon + hour);
      const other = await runtimeOn({ fresh: async () => deps }, { clock: () => noon + hour });
      before(deps.clients.dynamo, "DeleteItemCommand", "pictures-read", () => other.reads.audit.note(entry));
      await deps.reads.audit.note(entry);
      expect((await all()).flatMap(({ about }) => about["count"] ?? [])).toEqual([1]);
      expect(await all()).toHaveLength(3);
    });

    it("notes what a slow process has counted since, also where the answer to the removal of a count was lost", async () => {
      await deps.reads.audit.countPictures("key_1", 5);
      const slow = await runtimeOn({ fresh: async () => deps }, { clock: () => noon });
      before(deps.clients.dynamo, "DeleteItemCommand", "pictures-read", async () => {
        const Key = { pk: { S: `pictures-read key_1 ${noon / hour}` } };
        await deps.clients.dynamo.send(new DeleteItemCommand({ TableName: deps.names.table, Key }));
        await slow.reads.audit.countPictures("key_1", 2);
      });
      for (const later of [1, 2]) {
        deps.setClock(noon + later * hour);
        await deps.reads.audit.note(entry);
      }
      expect((await all()).flatMap(({ about }) => about["count"] ?? [])).toEqual([2, 5]);
    });

    it("shows what was removed or replaced in the table", async () => {
      for (let n = 1; n <= 4; n++) await deps.reads.audit.note({ ...entry, about: { n } });
      const { table: TableName } = deps.names;
      const [, third] = await all();
      const forged = { ...third, by: "key_9" };
      await deps.clients.dynamo.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: "audit 3" }, record: { S: JSON.stringify(forged) }, ttl: { N: "9999999999" } },
        }),
      );
      expect(await faults()).toEqual(["entry 3 was changed"]);
      await deps.clients.dynamo.send(new DeleteItemCommand({ TableName, Key: { pk: { S: "audit 3" } } }));
      expect(await faults()).toEqual(["entries 3 to 3 are missing"]);
      for (const pk of ["audit 1", "audit 2"])
        await deps.clients.dynamo.send(new DeleteItemCommand({ TableName, Key: { pk: { S: pk } } }));
      expect(await faults()).toEqual(["entries 1 to 3 are missing, which are not all old enough to be gone"]);
    });
  });
});
