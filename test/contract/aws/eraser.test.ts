import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/core/keys";
import { monthOf, type Report } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { itemsOf, onStandIns } from "../../standins/aws.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { statusesOf } from "../../support/statuses-of.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { noon, picture, report, upsert } from "../samples.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const month = monthOf(noon);
const [one, two] = [picture("one"), picture("two")];
/** A report with a registered picture, which other events may also show. */
const showing = (shown: typeof one | null): Partial<Report> => {
  if (shown === null) return { pictures: {} };
  const { data: _, ...registered } = shown;
  return { pictures: { registered } };
};

onStandIns((standIns) => {
  describe("an erasure", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      for (const each of [one, two]) await putPicture(deps.ingest.pictures, month, "registered", each);
    });
    afterEach(() => deps.close());

    const write = (event: string, shown: typeof one | null, overrides: Partial<Report> = {}) =>
      deps.ingest.index.upsert(upsert(event, { report: report({ ...showing(shown), ...overrides }) }));
    const erase = (event: string) => deps.reads.eraser.eraseEvent(upsert(event).eventId);
    const finish = async (after = 120_000) => {
      deps.setClock(noon + after);
      const finished = await deps.reads.eraser.finish();
      deps.setClock(noon);
      return finished;
    };
    const isThere = async (sha256: string) =>
      (await deps.reads.pictures.get(pictureAt(month, "registered", sha256))) !== null;

    it("removes no picture until every process must have learned of the erasure", async () => {
      await write("a", one);
      await erase("a");
      expect(await finish(69_999)).toBe(0);
      expect(await isThere(one.sha256)).toBe(true);
      expect(await finish(70_000)).toBe(1);
      expect(await isThere(one.sha256)).toBe(false);
    });

    it("leaves the rest to the next sweep once the time of one is over", async () => {
      for (let n = 0; n < 9; n++) {
        await write(`${n}`, null);
        await erase(`${n}`);
      }
      const at = noon + 120_000;
      deps.setClock(at);
      before(deps.clients.dynamo, "DeleteItemCommand", '"erasure ', async () => deps.setClock(at + 1000));
      const finished = await deps.reads.eraser.finish(1000);
      expect(finished).toBeLessThan(9);
      expect(finished + (await deps.reads.eraser.finish())).toBe(9);
    });

    it("removes the pictures of a report that restored the event during two erasures", async () => {
      await write("a", one);
      before(deps.clients.dynamo, "DeleteItemCommand", upsert("a").eventId, async () => {
        await erase("a");
        await write("a", two);
      });
      await erase("a");
      await finish();
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([false, false]);
    });

    it("leaves nothing to be done again", async () => {
      await write("a", one);
      await erase("a");
      await finish();
      expect(await finish()).toBe(0);
    });

    it("removes only the pictures that no other event shows", async () => {
      await write("a", one);
      await write("a", two, { kind: "live" });
      await write("b", one);
      await erase("a");
      await finish();
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([true, false]);
    });

    it("stops looking for events that show a registered picture once it is removed", async () => {
      const erasedAtOnce = 4;
      for (let n = 0; n < erasedAtOnce + 2; n++) await write(`${n}`, one);
      await erasePerson(deps.reads.eraser, "666666", null);
      let looks = 0;
      deps.clients.dynamo.middlewareStack.add(
        (next) => (args) => {
          if (JSON.stringify(args.input).includes("byPicture")) looks += 1;
          return next(args);
        },
        { step: "initialize" },
      );
      await finish();
      expect(await isThere(one.sha256)).toBe(false);
      expect([looks > 0, looks <= 16 * erasedAtOnce]).toEqual([true, true]);
    });

    it("spares a picture that only a later report of another event shows", async () => {
      await write("a", two);
      await write("b", one);
      await write("b", two, { kind: "live" });
      await erase("a");
      await finish();
      expect(await isThere(two.sha256)).toBe(true);
      await erase("b");
      await finish();
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([false, false]);
    });

    it("removes the truncated picture that an intact one replaced, and the intact one", async () => {
      await write("a", one, { flags: ["picture-truncated:registered"] });
      await write("a", two);
      expect((await deps.reads.events.get(upsert("a").eventId))?.reports).toMatchObject([showing(two)]);
      await erase("a");
      await finish();
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([false, false]);
    });

    it("removes a picture that a repeat brought and that the event does not show", async () => {
      await write("a", one);
      await write("a", two);
      expect((await deps.reads.events.get(upsert("a").eventId))?.reports).toMatchObject([showing(one)]);
      await erase("a");
      // The first sweep marks a picture in its own row, and the next one removes it.
      await finish();
      await finish(300_000);
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([false, false]);
    });

    it("keeps pictures of an event that returned meanwhile, and removes them with that event", async () => {
      const writeTwice = async (overrides: Partial<Report>) => {
        await write("a", one, overrides);
        await write("a", two, { ...overrides, kind: "live" });
      };
      await writeTwice({});
      await erase("a");
      await writeTwice({ time: noon + 1, receivedAt: noon + 1 });
      await finish();
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([true, true]);
      deps.setClock(noon + 1);
      await erase("a");
      await finish();
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([false, false]);
    });

    it("removes a picture that only the event and an expired one show", async () => {
      await write("a", one);
      await deps.ingest.index.upsert(upsert("old", { expiresAt: noon + 60_000, report: report(showing(one)) }));
      await erase("a");
      await finish();
      expect(await isThere(one.sha256)).toBe(false);
    });

    it("removes the pictures of a report that joined during the erasure", async () => {
      await write("a", one);
      before(deps.clients.dynamo, "DeleteItemCommand", upsert("a").eventId, () => write("a", two, { kind: "live" }));
      await erase("a");
      await finish();
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([false, false]);
    });

    it("spares the picture that a process took to be there for a new event", async () => {
      const other = await runtimeOn({ fresh: async () => deps });
      await putPicture(other.ingest.pictures, month, "registered", one);
      await write("a", one);
      await erase("a");
      const calls = countCalls(other.clients);
      await putPicture(other.ingest.pictures, month, "registered", one);
      await other.ingest.index.upsert(upsert("b", { report: report(showing(one)) }));
      expect(calls["PutObjectCommand"]).toBeUndefined();
      await finish();
      expect(await isThere(one.sha256)).toBe(true);
    });

    it.each([
      ["an event", () => erase("a")],
      ["a person", () => erasePerson(deps.reads.eraser, "666666", null)],
    ])("makes processes forget known pictures when it erases %s", async (_, eraseIt) => {
      const token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      await write("a", one);
      await eraseIt();
      await finish();
      deps.setClock(noon + 130_000);
      await deps.ingest.keys.find(hashToken(token));
      await putPicture(deps.ingest.pictures, month, "registered", one);
      expect(await isThere(one.sha256)).toBe(false);
    });

    it("removes a person's unindexed earlier events at its end, and no later ones", async () => {
      expect(await erasePerson(deps.reads.eraser, "666666", null)).toBe(0);
      await write("unseen", null);
      deps.setClock(noon + 30_000);
      await write("before", null, { time: noon - 60_000 });
      await write("after", null, { time: noon + 20_000, receivedAt: noon + 30_000 });
      await finish();
      const { items } = await deps.reads.events.list({}, { limit: 10, cursor: null });
      expect(items.map(({ id }) => id)).toEqual([upsert("after").eventId]);
    });

    const say = (box: string, receivedAt: number, id: string) =>
      deps.ingest.boxStatus.put({
        box,
        kind: "mq-result",
        receivedAt,
        report: { messageKey: "add_users", result: [id] },
      });
    const said = async (box: string) => (await statusesOf(itemsOf(deps), box)).map(({ report }) => report["result"]);

    it.each(["gate-1", null])("removes earlier box statuses about the person at its end, for box %s", async (box) => {
      await erasePerson(deps.reads.eraser, "7", box);
      await say("gate-1", noon + 1000, "7");
      await finish();
      expect(await said("gate-1")).toEqual([]);
    });

    it("keeps a box status about the person that was received after it", async () => {
      await erasePerson(deps.reads.eraser, "7", null);
      await say("gate-1", noon + 30_000, "7");
      await finish();
      expect(await said("gate-1")).toEqual([["7"]]);
    });

    it("keeps a box status that meanwhile names another person", async () => {
      await say("gate-1", noon, "7");
      before(deps.clients.dynamo, "DeleteItemCommand", "notice ", () => say("gate-1", noon + 1, "8"));
      await erasePerson(deps.reads.eraser, "7", "gate-1");
      expect(await said("gate-1")).toEqual([["8"]]);
    });

    it("is finished by the sweep after the process ended in the middle", async () => {
      await write("a", one);
      before(deps.clients.dynamo, "DeleteItemCommand", "evt_", () => Promise.reject(new Error("the process ended")));
      await expect(erasePerson(deps.reads.eraser, "666666", null)).rejects.toThrow("the process ended");
      await finish();
      expect(await deps.reads.events.get(upsert("a").eventId)).toBeNull();
      await finish(300_000);
      expect(await isThere(one.sha256)).toBe(false);
    });

    const rolled = async () => {
      const { rolls } = deps.reads;
      const facts = {
        library: "gate-1",
        name: null,
        type: "vip" as const,
        since: noon,
        event: "evt_a",
        device: null,
        box: "gate-1",
      };
      const begun = { site: "hq", isDrill: false, at: noon, by: { id: "acc_1", name: null } };
      const people = ["666666", "8"].map((id) => ({ ...facts, id, key: id, group: null, pictures: [] }));
      const { id } = await rolls.begin(begun, people);
      return async () => (await rolls.people(id)).map(({ key }) => key);
    };

    it("removes records of a request that read events shortly before they were erased", async () => {
      await write("a", null);
      const slow = async () => deps.setClock(noon + 120_000);
      before(deps.clients.dynamo, "DeleteItemCommand", "evt_", slow);
      await erasePerson(deps.reads.eraser, "666666", null);
      await finish();
      const keys = await rolled();
      await finish(300_000);
      await expect.poll(keys).toEqual(["gate-1/8"]);
    });

    it("removes records of a request that read events shortly before the sweep erased them", async () => {
      await write("a", null);
      before(deps.clients.dynamo, "DeleteItemCommand", "evt_", () => Promise.reject(new Error("the process ended")));
      await expect(erasePerson(deps.reads.eraser, "666666", null)).rejects.toThrow("the process ended");
      expect(await deps.reads.events.get(upsert("a").eventId)).not.toBeNull();
      await finish();
      expect(await deps.reads.events.get(upsert("a").eventId)).toBeNull();
      const keys = await rolled();
      await finish(300_000);
      await expect.poll(keys).toEqual(["gate-1/8"]);
      expect(await finish(600_000)).toBe(0);
    });

    it("removes records of a request that read an event before a sweep erased it", async () => {
      // A sweep does four works at a time, and events are due first.
      for (const event of ["a", "b", "c", "d"]) {
        await write(event, null);
        await erase(event);
      }
      await erasePerson(deps.reads.eraser, "666666", null);
      await write("a", null);
      await finish();
      expect(await deps.reads.events.get(upsert("a").eventId)).toBeNull();
      const keys = await rolled();
      await finish(300_000);
      await expect.poll(keys).toEqual(["gate-1/8"]);
    });

    it("ends though the person passes again each time, and keeps these passings", async () => {
      await write("a", null);
      await erasePerson(deps.reads.eraser, "666666", null);
      const later = [1, 2, 3].map((n) => n * 200_000);
      const swept: number[] = [];
      for (const after of later) {
        deps.setClock(noon + after);
        await write(`${after}`, null, { time: noon + after, receivedAt: noon + after });
        swept.push(await finish(after + 100_000));
      }
      expect(swept).toEqual([3, 1, 0]);
      const there = await deps.reads.events.getAll(later.map((after) => upsert(`${after}`).eventId));
      expect(there.size).toBe(3);
    });

    it("removes late reports of erased events at its end, and keeps newer passings", async () => {
      for (const event of ["a", "b"]) await write(event, one);
      for (const event of ["a", "b"]) await erase(event);
      await write("a", two);
      await write("b", two, { time: noon + 1, receivedAt: noon + 1 });
      await finish();
      const there = await deps.reads.events.getAll([upsert("a").eventId, upsert("b").eventId]);
      expect([...there.keys()]).toEqual([upsert("b").eventId]);
    });

    it("removes late quarantine records of the event at its end, and keeps newer ones", async () => {
      const event = { id: upsert("a").eventId, fingerprint: "face-a" };
      const put = (id: string, receivedAt: number) =>
        deps.ingest.quarantine.put({
          id,
          box: "gate-1",
          path: "/HistoryEvent",
          reason: "picture",
          headers: {},
          receivedAt,
          body: Buffer.from(id),
          event,
        });
      await write("a", one);
      await put("qrt_1", noon);
      await erase("a");
      expect(await deps.reads.quarantine.get("qrt_1")).toBeNull();
      await write("a", one, { time: noon + 10, receivedAt: noon + 10 });
      await put("qrt_1", noon + 20_000);
      await put("qrt_2", noon);
      await finish();
      expect((await deps.reads.quarantine.get("qrt_1"))?.body).toEqual(Buffer.from("qrt_1"));
      expect(await deps.reads.quarantine.get("qrt_2")).toBeNull();
    });

    it("decides later about a picture that a report may just have brought again", async () => {
      deps.setClock(Date.now() - 120_000);
      await write("a", one);
      await erase("a");
      deps.setClock(Date.now());
      expect(await deps.reads.eraser.finish()).toBe(1);
      expect(await isThere(one.sha256)).toBe(true);
      deps.setClock(Date.now() + 120_000);
      expect(await deps.reads.eraser.finish()).toBe(1);
      expect(await isThere(one.sha256)).toBe(false);
    });

    it("does not delay others if it cannot be finished", async () => {
      await write("a", one);
      await write("b", two);
      await erase("a");
      await erase("b");
      let failures = 0;
      deps.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          (args) => {
            if (commandName !== "DeleteObjectCommand" || failures > 0) return next(args);
            failures += 1;
            return Promise.reject(new Error("slow down"));
          },
        { step: "initialize" },
      );
      await expect(finish()).rejects.toThrow("stay due");
      expect([await isThere(one.sha256), await isThere(two.sha256)].filter(Boolean)).toHaveLength(1);
      expect(await finish()).toBe(1);
      expect([await isThere(one.sha256), await isThere(two.sha256)]).toEqual([false, false]);
    });

    it("removes an expired event, and returns false", async () => {
      await write("a", one);
      deps.setClock(noon + 40 * 24 * 60 * 60 * 1000);
      expect(await erase("a")).toBe(false);
      const row = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: upsert("a").eventId } } });
      expect((await deps.clients.dynamo.send(row)).Item).toBeUndefined();
    });

    it("costs fourteen writes an event, and reads only events that show its pictures", async () => {
      for (let n = 0; n < 40; n++) await write(`other ${n}`, null);
      // The first erasure makes the key of the hashes.
      await erase("other 0");
      await finish();
      await write("a", one);
      const calls = countCalls(deps.clients);
      await erase("a");
      await finish();
      // The erased id, the seal, the mark of the picture with the seal again, the work; the event, the extra row of the
      // picture, the seen mark, the notes and the news (each at once and once more later), and the work.
      expect(calls).toMatchObject({ UpdateItemCommand: 7, DeleteItemCommand: 7, DeleteObjectCommand: 1 });
      expect(calls["BatchGetItemCommand"] ?? 0).toBeLessThanOrEqual(1);
    });
  });
});
