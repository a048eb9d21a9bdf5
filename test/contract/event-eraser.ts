import type { EventEraser } from "@gatepost/core/erasure";
import type { EventIndex, EventReader } from "@gatepost/core/events";
import type { PictureReader, PictureStore } from "@gatepost/core/pictures";
import type { Quarantine, QuarantineReader } from "@gatepost/core/quarantine";
import type { Rolls } from "@gatepost/core/rolls";
import type { BoxStatusRecord, BoxStatusStore } from "@gatepost/core/statuses";
import type { Visits } from "@gatepost/core/visits";
import { actionId, dayMs, type JsonObject, monthOf } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../support/erase-person.ts";
import { pictureAt, putPicture } from "../support/stored-pictures.ts";
import { passTurns } from "../support/turns.ts";
import { action, noon, picture, report, upsert } from "./samples.ts";

export interface EraserUnderTest {
  index: EventIndex;
  eraser: EventEraser;
  events: EventReader;
  store: PictureStore;
  pictures: PictureReader;
  quarantine: Quarantine & QuarantineReader;
  rolls: Rolls;
  visits: Visits;
  boxStatus: Pick<BoxStatusStore, "put">;
  /** The statuses that are kept for the health of a box. */
  statusesOf(box: string): Promise<BoxStatusRecord[]>;
  /** Lets pass the time after which all of an erasure is done. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** What every eraser promises. */
export function eventEraserContract(name: string, open: () => Promise<EraserUnderTest>): void {
  describe(`${name} keeps the promises of an eraser:`, () => {
    let deps: EraserUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    const month = monthOf(noon);
    const face = picture("face");
    const { data: _, ...faceFacts } = face;
    const withFace = { report: report({ pictures: { registered: faceFacts } }) };
    const write = (event: string, overrides = {}) => deps.index.upsert(upsert(event, overrides));
    const left = async () => {
      const { items } = await deps.events.list({}, { limit: 100, cursor: null });
      return items.map(({ id }) => id).sort();
    };
    const idsOf = (...names: string[]) => names.map((event) => upsert(event).eventId).sort();
    const withId = (id: string, type: "vip" | "stranger" = "vip") => ({ report: report({ person: { id, type } }) });

    it("an erased event is not found any more, and its picture is gone", async () => {
      await putPicture(deps.store, month, "registered", face);
      await write("a", withFace);
      expect(await deps.eraser.eraseEvent(upsert("a").eventId)).toBe(true);
      expect(await deps.events.get(upsert("a").eventId)).toBeNull();
      expect(await left()).toEqual([]);
      await deps.finish();
      expect(await deps.pictures.get(pictureAt(month, "registered", face.sha256))).toBeNull();
    });

    it("returns false for an unknown event", async () => {
      expect(await deps.eraser.eraseEvent(upsert("never").eventId)).toBe(false);
      expect(await deps.eraser.eraseEvent("nonsense")).toBe(false);
      await write("a");
      await deps.eraser.eraseEvent(upsert("a").eventId);
      expect(await deps.eraser.eraseEvent(upsert("a").eventId)).toBe(false);
    });

    it("keeps the picture that another event shows, until that is erased too", async () => {
      await putPicture(deps.store, month, "registered", face);
      await write("a", withFace);
      await write("b", withFace);
      await deps.eraser.eraseEvent(upsert("a").eventId);
      await deps.finish();
      expect(await deps.pictures.get(pictureAt(month, "registered", face.sha256))).toEqual(face.data);
      await deps.eraser.eraseEvent(upsert("b").eventId);
      await deps.finish();
      expect(await deps.pictures.get(pictureAt(month, "registered", face.sha256))).toBeNull();
    });

    it("removes the event's quarantine records, and no others", async () => {
      await write("a");
      const kept = {
        box: "gate-1",
        path: "/x",
        reason: "picture",
        receivedAt: noon,
        headers: {},
        body: Buffer.from("x"),
      };
      const event = { id: upsert("a").eventId, fingerprint: "face-a" };
      await deps.quarantine.put({ ...kept, id: "qrt_a", event });
      await deps.quarantine.put({ ...kept, id: "qrt_b", event: null });
      await deps.eraser.eraseEvent(upsert("a").eventId);
      const { items } = await deps.quarantine.list(null, { limit: 10, cursor: null });
      expect(items.map(({ id }) => id)).toEqual(["qrt_b"]);
    });

    it("removes a whole kept batch with any of its events, and no other batch", async () => {
      for (const event of ["a", "b", "c"]) await write(event);
      const [first, second, third] = ["a", "b", "c"].map((event) => upsert(event).eventId);
      if (first === undefined || second === undefined || third === undefined) throw new Error("no events");
      const kept = { box: "gate-1", path: "/x", reason: "too-many-unreadable", receivedAt: noon, headers: {} };
      const put = (id: string, ...eventsOfBatch: string[]) =>
        deps.quarantine.put({ ...kept, id: `qrt_${id}`, body: Buffer.from(id), event: null, eventsOfBatch });
      await put("ab", first, second);
      await put("bc", second);
      await put("bc", third);
      await put("other", ...Array.from({ length: 120 }, (_, n) => upsert(`other ${n}`).eventId));
      const records = async () => {
        const { items } = await deps.quarantine.list(null, { limit: 10, cursor: null });
        return items.map(({ id }) => id).sort();
      };
      await deps.eraser.eraseEvent(first);
      expect(await records()).toEqual(["qrt_bc", "qrt_other"]);
      expect(await deps.quarantine.get("qrt_ab")).toBeNull();
      await deps.eraser.eraseEvent(third);
      await deps.eraser.eraseEvent(second);
      await deps.finish();
      expect(await records()).toEqual(["qrt_other"]);
    });

    it("removes a record that is set aside with any of its events", async () => {
      for (const event of ["a", "b"]) await write(event);
      const [first = "", second = ""] = ["a", "b"].map((event) => upsert(event).eventId);
      const kept = { box: "gate-1", path: "/x", reason: "unknown-shape", receivedAt: noon, headers: {}, event: null };
      await deps.quarantine.put({ ...kept, id: "qrt_a", body: Buffer.from("a") });
      await deps.quarantine.setAside("qrt_a", { events: [first, second], until: noon + 7 * dayMs });
      await deps.eraser.eraseEvent(second);
      expect(await deps.quarantine.putBack({ id: "qrt_a", receivedAt: noon })).toBe(false);
      await deps.finish();
      expect(await deps.quarantine.putBack({ id: "qrt_a", receivedAt: noon })).toBe(false);
      expect(await left()).toEqual([first]);
    });

    describe("withdraws events:", () => {
      const ids = ["a", "b"].map((event) => upsert(event).eventId);
      const [a = ""] = ids;

      it("only those that are meant, and their pictures", async () => {
        await putPicture(deps.store, month, "registered", face);
        await write("a", withFace);
        await write("b");
        expect(await deps.eraser.withdraw([...ids, "evt_none"], ({ id }) => id === a)).toBe(1);
        expect(await left()).toEqual(idsOf("b"));
        await deps.finish();
        expect(await deps.pictures.get(pictureAt(month, "registered", face.sha256))).toBeNull();
        expect(await deps.eraser.withdraw([a], () => true)).toBe(0);
      });

      it("keeps their records in quarantine, also those that are received before all is done", async () => {
        await write("a");
        const event = { id: a, fingerprint: "face-a" };
        const kept = { box: "gate-1", path: "/x", reason: "picture", receivedAt: noon, headers: {}, event };
        const put = (id: string) => deps.quarantine.put({ ...kept, id: `qrt_${id}`, body: Buffer.from(id) });
        await put("a");
        await deps.eraser.withdraw(ids, () => true);
        await put("b");
        await deps.finish();
        const { items } = await deps.quarantine.list(null, { limit: 10, cursor: null });
        expect(items.map(({ id }) => id).sort()).toEqual(["qrt_a", "qrt_b"]);
      });

      it("keeps an event that is stored again before all is done, with its picture", async () => {
        await putPicture(deps.store, month, "registered", face);
        await write("a", withFace);
        await deps.eraser.withdraw(ids, () => true);
        await putPicture(deps.store, month, "registered", face);
        expect((await write("a", withFace)).outcome).toBe("created");
        await deps.finish();
        expect(await left()).toEqual(idsOf("a"));
        expect(await deps.pictures.get(pictureAt(month, "registered", face.sha256))).toEqual(face.data);
      });
    });

    it("erases a person at one box, or at every box", async () => {
      await write("a", withId("7"));
      await write("b", withId("7"));
      await write("c", { ...withId("7"), box: "gate-2" });
      await write("d", withId("8"));
      expect(await erasePerson(deps.eraser, "7", "gate-1")).toBe(2);
      expect(await left()).toEqual(idsOf("c", "d"));
      expect(await erasePerson(deps.eraser, "7", null)).toBe(1);
      expect(await erasePerson(deps.eraser, "7", null)).toBe(0);
      expect(await left()).toEqual(idsOf("d"));
    });

    it("erases the records of a request that has read the person's events before", async () => {
      await write("a", withId("7"));
      let erasing: Promise<number> | null = null;
      const facts = {
        library: "gate-1",
        name: null,
        type: "vip" as const,
        since: noon,
        event: "evt_a",
        device: null,
        box: "gate-1",
      };
      const roll = await deps.eraser.alongside(async () => {
        erasing = erasePerson(deps.eraser, "7", null);
        await passTurns(200);
        const begun = { site: "hq", isDrill: false, at: noon, by: { id: "acc_1", name: null } };
        return deps.rolls.begin(
          begun,
          ["7", "8"].map((id) => ({ ...facts, id, key: id, group: null, pictures: [] })),
        );
      });
      expect(await erasing).toBe(1);
      await deps.finish();
      await expect.poll(async () => (await deps.rolls.people(roll.id)).map(({ key }) => key)).toEqual(["gate-1/8"]);
    });

    const ends = noon + dayMs;
    const visitOf = (event: string, want: "1001" | "1002" = "1001") => {
      const action = actionId(upsert(event).eventId, want);
      return {
        action,
        person: `v-${event}`,
        name: null,
        host: "Ada",
        boxes: ["gate-1"],
        madeAt: noon,
        begins: null,
        ends,
      };
    };
    const visitors = async () => (await deps.visits.between(noon, ends)).map(({ person }) => person).sort();

    it("takes the visits of the actions of an erased event, and no other", async () => {
      for (const [event, want] of [
        ["a", "1001"],
        ["b", "1002"],
        ["c", "1001"],
      ] as const)
        await write(event, { action: action(event, want) });
      for (const visit of [visitOf("a"), visitOf("b", "1002"), visitOf("c")]) await deps.visits.set(visit, noon);
      await deps.eraser.eraseEvent(upsert("a").eventId);
      expect(await visitors()).toEqual(["v-b", "v-c"]);
      await deps.eraser.withdraw([upsert("b").eventId], () => true);
      expect(await visitors()).toEqual(["v-c"]);
    });

    it("takes the visit of an erased event that an approval stores meanwhile", async () => {
      await write("a", { action: action("a", "1001") });
      let erasing: Promise<boolean> | undefined;
      await deps.eraser.alongside(async () => {
        erasing = deps.eraser.eraseEvent(upsert("a").eventId);
        await passTurns(200);
        await deps.visits.set(visitOf("a"), noon);
      });
      expect(await erasing).toBe(true);
      await deps.finish();
      expect(await visitors()).toEqual([]);
    });

    it("counts a picture of two boxes as kept first, and erased with the second", async () => {
      const photo = picture("registered");
      const { data: __, ...registered } = photo;
      await putPicture(deps.store, month, "registered", photo);
      const withPhoto = { report: report({ person: { id: "7", type: "vip" }, pictures: { registered } }) };
      await write("a", withPhoto);
      await write("b", { ...withPhoto, box: "gate-2" });
      const at = noon + 1000;
      const first = await deps.eraser.eraseSome({ person: "7", box: "gate-1", at }, 100);
      expect(first).toMatchObject({ events: 1, pictures: 0, shared: [expect.any(String)], isDone: true });
      const begun = { ...first, events: 0, upTo: null, isDone: false };
      const second = await deps.eraser.eraseSome({ person: "7", box: "gate-2", at }, 100, begun);
      expect(second).toMatchObject({ events: 1, pictures: 1, shared: [], isDone: true });
      await deps.finish();
      expect(await deps.pictures.get(pictureAt(month, "registered", photo.sha256))).toBeNull();
    });

    const say = (box: string, kind: BoxStatusRecord["kind"], report: JsonObject) =>
      deps.boxStatus.put({ box, kind, receivedAt: noon, report });
    const said = async (...boxes: string[]) => {
      const all = await Promise.all(boxes.map((box) => deps.statusesOf(box)));
      return all.flat().map(({ box, kind }) => `${box} ${kind}`);
    };

    it("removes box statuses about a person, of one box or every box", async () => {
      for (const box of ["gate-1", "gate-2"]) {
        await say(box, "mq-result", { messageKey: "add_users", result: { failed_users: [{ identity_id: "7" }] } });
        await say(box, "status", { gateway_sn: "77" });
      }
      await say("gate-2", "device-sync", { devSno: "A", deviceList: [{ memo: '{"userid_list":[7]}' }] });
      expect(await erasePerson(deps.eraser, "7", "gate-1")).toBe(0);
      await deps.finish();
      const left = ["gate-1 status", "gate-2 device-sync", "gate-2 mq-result", "gate-2 status"];
      expect((await said("gate-1", "gate-2")).sort()).toEqual(left);
      await erasePerson(deps.eraser, "7", null);
      expect((await said("gate-1", "gate-2")).sort()).toEqual(["gate-1 status", "gate-2 status"]);
    });

    it("removes the statuses of many boxes about a person", async () => {
      const boxes = Array.from({ length: 60 }, (_, n) => `gate-${n}`);
      for (const box of boxes) await say(box, "mq-result", { method: "delete_users", userid_list: ["7"] });
      await erasePerson(deps.eraser, "7", null);
      expect(await said(...boxes)).toEqual([]);
    });

    it("erases a person whose id has blanks or invisible characters at its ends", async () => {
      for (const [name, id] of [
        ["a", "7"],
        ["b", "7 "],
        ["c", "\ufeff7\u0000"],
        ["d", "07"],
      ] as const)
        await write(name, withId(id));
      expect(await erasePerson(deps.eraser, "7\u200b", null)).toBe(3);
      expect(await left()).toEqual(idsOf("d"));
    });

    it("erases no person by a stranger's id", async () => {
      await write("a", withId("1602612036.38", "stranger"));
      expect(await erasePerson(deps.eraser, "1602612036.38", null)).toBe(0);
      expect(await left()).toEqual(idsOf("a"));
    });

    it("erases more than one page of events", async () => {
      for (let n = 0; n < 60; n++) await write(`many ${n}`, withId("7"));
      expect(await erasePerson(deps.eraser, "7", null)).toBe(60);
      expect(await left()).toEqual([]);
    });

    it("an erased event that is sent again is a new event", async () => {
      await write("a");
      await deps.eraser.eraseEvent(upsert("a").eventId);
      expect((await write("a")).outcome).toBe("created");
      expect(await left()).toEqual(idsOf("a"));
    });
  });
}
