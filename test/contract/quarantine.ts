import { batchTooLong, type Quarantine, type QuarantineReader, type QuarantineRecord } from "@gatepost/core/quarantine";
import { limits } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon } from "./samples.ts";

export interface QuarantineUnderTest {
  /** Holds at most 6 records or 6,000 bytes of a box, each for 90 days at most and less than an hour less. */
  quarantine: Quarantine & QuarantineReader;
  /** Warnings that were logged. */
  warnings: string[];
  /** It is noon until a test changes that. */
  setClock(now: number): void;
  close(): Promise<void>;
}

function record(number: number, overrides: Partial<QuarantineRecord> = {}): QuarantineRecord {
  return {
    id: `qrt_${number}`,
    box: "gate-1",
    path: "/HistoryEvent",
    reason: "not-json",
    receivedAt: noon + number,
    headers: { "content-type": "text/plain" },
    body: Buffer.from([0, 255, number]),
    event: null,
    ...overrides,
  };
}

/** What every quarantine promises. */
export function quarantineContract(
  name: string,
  open: (limits?: { records: number; bytes: number }) => Promise<QuarantineUnderTest>,
): void {
  describe(`${name} keeps the promises of a quarantine:`, () => {
    let deps: QuarantineUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    const idsOf = async (box: string | null = null) =>
      (await deps.quarantine.list(box, { limit: 50, cursor: null })).items.map(({ id }) => id);

    it("returns a whole record", async () => {
      const kept = record(1, { event: { id: "evt_1", fingerprint: "face-a" } });
      await deps.quarantine.put(kept);
      const found = await deps.quarantine.get("qrt_1");
      expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual(kept);
    });

    it("keeps an equal record once, with its first receive time and its last reason", async () => {
      await Promise.all(Array.from({ length: 20 }, () => deps.quarantine.put(record(1))));
      await deps.quarantine.put(record(1, { receivedAt: noon + 99, reason: "picture" }));
      expect(await idsOf()).toEqual(["qrt_1"]);
      expect(await deps.quarantine.get("qrt_1")).toMatchObject({ receivedAt: noon + 1, reason: "picture" });
    });

    describe("a record of many bytes", () => {
      const body = Buffer.alloc(2_500_000, "0123456789");
      const large = (number: number, overrides: Partial<QuarantineRecord> = {}) =>
        record(number, { body, ...overrides });
      const bodyOf = async (id: string) => Buffer.from((await deps.quarantine.get(id))?.body ?? []);

      it("is returned whole", async () => {
        await deps.quarantine.put(large(1));
        expect((await bodyOf("qrt_1")).equals(body)).toBe(true);
        expect((await deps.quarantine.list(null, { limit: 50, cursor: null })).items).toMatchObject([
          { id: "qrt_1", receivedAt: noon + 1, bytes: body.length },
        ]);
      });

      it("is kept once, with its first receive time and its last reason", async () => {
        await Promise.all(Array.from({ length: 3 }, () => deps.quarantine.put(large(1))));
        await deps.quarantine.put(large(1, { receivedAt: noon + 99, reason: "picture" }));
        expect(await idsOf()).toEqual(["qrt_1"]);
        expect(await deps.quarantine.get("qrt_1")).toMatchObject({ receivedAt: noon + 1, reason: "picture" });
        expect((await bodyOf("qrt_1")).equals(body)).toBe(true);
      });

      it("is removed if the next one needs its room, and may be stored again", async () => {
        for (const number of [1, 2, 1]) await deps.quarantine.put(large(number, { receivedAt: noon + number * 10 }));
        expect(await idsOf()).toContain("qrt_1");
        expect((await bodyOf("qrt_1")).equals(body)).toBe(true);
        expect(Number((await deps.quarantine.dropped())["gate-1"])).toBeGreaterThan(0);
      });

      it("is new if it is received again after it has expired", async () => {
        await deps.quarantine.put(large(1));
        deps.setClock(noon + 91 * day);
        await deps.quarantine.put(large(1, { receivedAt: noon + 91 * day }));
        expect(await deps.quarantine.get("qrt_1")).toMatchObject({ receivedAt: noon + 91 * day });
        expect((await bodyOf("qrt_1")).equals(body)).toBe(true);
      });

      it("is forgotten once it was removed", async () => {
        await deps.quarantine.put(large(1));
        await deps.quarantine.remove("qrt_1");
        expect([await idsOf(), await deps.quarantine.get("qrt_1")]).toEqual([[], null]);
      });
    });

    it("lists the newest first, by box, page by page", async () => {
      for (const number of [2, 1, 3]) await deps.quarantine.put(record(number));
      await deps.quarantine.put(record(4, { box: "gate-2" }));
      expect(await idsOf()).toEqual(["qrt_4", "qrt_3", "qrt_2", "qrt_1"]);
      expect(await idsOf("gate-2")).toEqual(["qrt_4"]);
      const first = await deps.quarantine.list("gate-1", { limit: 2, cursor: null });
      const second = await deps.quarantine.list("gate-1", { limit: 2, cursor: first.next });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(["qrt_3", "qrt_2", "qrt_1"]);
      expect(second.next).toBeNull();
    });

    it("lists the oldest first, page by page, also while records are removed and arrive", async () => {
      for (const number of [2, 1, 3]) await deps.quarantine.put(record(number));
      await deps.quarantine.put(record(4, { box: "gate-2" }));
      for (const of of [null, "gate-1"]) {
        const page = (cursor: string | null) =>
          deps.quarantine.list(of, { limit: 2, cursor }, { order: "ascending" as const });
        const first = await page(null);
        expect(first.items.map(({ id }) => id)).toEqual(["qrt_1", "qrt_2"]);
        await deps.quarantine.remove("qrt_2");
        await deps.quarantine.put(record(5));
        const second = await page(first.next);
        expect(second.items.map(({ id }) => id)).toEqual(of === null ? ["qrt_3", "qrt_4"] : ["qrt_3", "qrt_5"]);
        await deps.quarantine.put(record(2));
        await deps.quarantine.remove("qrt_5");
      }
    });

    it("lists by reason and path, and groups by these and the box", async () => {
      await deps.quarantine.put(record(1));
      await deps.quarantine.put(record(2, { reason: "picture" }));
      await deps.quarantine.put(record(3, { path: "/PassRecord" }));
      await deps.quarantine.put(record(4, { box: "gate-2" }));
      await deps.quarantine.put(record(5));
      const { reason, path, body } = record(1);
      const found = async (which: { reason?: string; path?: string }, of: string | null = null) =>
        (await deps.quarantine.list(of, { limit: 10, cursor: null }, which)).items.map(({ id }) => id);
      expect(await found({ reason: "picture" })).toEqual(["qrt_2"]);
      expect(await found({ path: "/PassRecord" })).toEqual(["qrt_3"]);
      expect(await found({ reason, path }, "gate-1")).toEqual(["qrt_5", "qrt_1"]);
      expect(await found({ reason: "none" })).toEqual([]);
      const at = (number: number) => new Date(noon + number).toISOString();
      const group = { reason, box: "gate-1", path, bytes: body.length, count: 1, dropped: 0 };
      expect(await deps.quarantine.groups(null)).toEqual({
        groups: [
          { ...group, count: 2, bytes: 2 * body.length, first: at(1), last: at(5) },
          { ...group, box: "gate-2", first: at(4), last: at(4) },
          { ...group, path: "/PassRecord", first: at(3), last: at(3) },
          { ...group, reason: "picture", first: at(2), last: at(2) },
        ],
        isExact: true,
      });
      expect((await deps.quarantine.groups(["gate-2"])).groups).toMatchObject([{ box: "gate-2" }]);
      expect((await deps.quarantine.groups([])).groups).toEqual([]);
    });

    it("lists several boxes together, page by page", async () => {
      for (const number of [1, 2, 3, 4, 5, 6]) await deps.quarantine.put(record(number, { box: `gate-${number % 3}` }));
      const of = ["gate-0", "gate-1", "nowhere"];
      const first = await deps.quarantine.list(of, { limit: 3, cursor: null });
      const second = await deps.quarantine.list(of, { limit: 3, cursor: first.next });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(["qrt_6", "qrt_4", "qrt_3", "qrt_1"]);
      expect(second.next).toBeNull();
      expect((await deps.quarantine.list([], { limit: 3, cursor: null })).items).toEqual([]);
    });

    it("drops records of a full box from the middle, counts them, and spares other boxes", async () => {
      await deps.quarantine.put(record(0, { box: "gate-2" }));
      for (let number = 1; number <= 8; number++) await deps.quarantine.put(record(number));
      expect(await idsOf("gate-1")).toEqual(["qrt_8", "qrt_7", "qrt_6", "qrt_3", "qrt_2", "qrt_1"]);
      expect(await idsOf("gate-2")).toEqual(["qrt_0"]);
      expect(await deps.quarantine.dropped()).toEqual({ "gate-1": 2 });
    });

    it("is bounded in bytes too, but keeps the newest record even if too large", async () => {
      for (let number = 1; number <= 4; number++)
        await deps.quarantine.put(record(number, { body: Buffer.alloc(2000) }));
      expect(await idsOf()).toEqual(["qrt_4", "qrt_3", "qrt_1"]);
      await deps.quarantine.put(record(5, { body: Buffer.alloc(7000) }));
      expect(await idsOf()).toEqual(["qrt_5"]);
    });

    const waiting = (number: number) => record(number, { reason: batchTooLong, body: Buffer.alloc(3000, number) });

    it("does not count a long batch that waits for its job, nor remove it", async () => {
      for (const number of [1, 2, 3]) await deps.quarantine.put(waiting(number));
      for (let number = 4; number <= 10; number++) await deps.quarantine.put(record(number));
      expect(await idsOf("gate-1")).toEqual([10, 9, 8, 6, 5, 4, 3, 2, 1].map((number) => `qrt_${number}`));
      await deps.quarantine.remove("qrt_3");
      await deps.quarantine.put(record(11));
      expect(await idsOf("gate-1")).toEqual([11, 10, 9, 6, 5, 4, 2, 1].map((number) => `qrt_${number}`));
      expect(await deps.quarantine.dropped()).toEqual({ "gate-1": 2 });
    });

    it("counts a long batch as any other record once its job has ended without it", async () => {
      await deps.quarantine.put(waiting(1));
      for (let number = 2; number <= 7; number++) await deps.quarantine.put(record(number));
      await deps.quarantine.put({ ...waiting(1), reason: "batch-not-replayed" });
      expect(await idsOf("gate-1")).toEqual(["qrt_7", "qrt_6", "qrt_4", "qrt_3", "qrt_2", "qrt_1"]);
      await deps.quarantine.put(record(8));
      expect(await idsOf("gate-1")).toEqual(["qrt_8", "qrt_7", "qrt_6", "qrt_3", "qrt_2", "qrt_1"]);
      await deps.quarantine.put({ ...record(8), reason: batchTooLong });
      await deps.quarantine.put(record(9));
      expect(await idsOf("gate-1")).toEqual(["qrt_9", "qrt_8", "qrt_7", "qrt_6", "qrt_3", "qrt_2", "qrt_1"]);
    });

    it("shows which long batch of a box has waited for the longest", async () => {
      const isNext = (number: number) => deps.quarantine.isNext(`qrt_${number}`);
      await deps.quarantine.put(record(1));
      await deps.quarantine.put({ ...waiting(2), box: "gate-2" });
      for (const number of [3, 4]) await deps.quarantine.put(waiting(number));
      expect(await Promise.all([2, 3, 4].map(isNext))).toEqual([true, true, false]);
      await deps.quarantine.put({ ...waiting(3), reason: "batch-not-replayed" });
      expect(await isNext(4)).toBe(true);
      await deps.quarantine.remove("qrt_4");
      expect(await Promise.all([1, 4, 5].map(isNext))).toEqual([true, true, true]);
    });

    it("refuses a long batch if as many of its box wait as may", async () => {
      const all = Array.from({ length: limits.waitingBatchesOfBox }, (_, number) => waiting(number));
      for (const one of all) await deps.quarantine.put(one);
      await expect(deps.quarantine.put(waiting(100))).rejects.toMatchObject({ kind: "unavailable", retryAfter: 60 });
      expect(await deps.quarantine.get("qrt_100")).toBeNull();
      await deps.quarantine.put(waiting(1));
      await deps.quarantine.put({ ...waiting(100), box: "gate-2" });
      await deps.quarantine.remove("qrt_2");
      await deps.quarantine.put(waiting(101));
    });

    describe("for shapes of reports", () => {
      beforeEach(async () => {
        await deps.close();
        deps = await open({ records: 12, bytes: 1_000_000 });
      });
      const of = (number: number, name: string, isPassing = false, overrides: Partial<QuarantineRecord> = {}) =>
        record(number, { reason: "unknown-shape", shape: { name, isPassing }, ...overrides });
      const named = (...all: number[]) => all.map((number) => `qrt_${number}`);
      const drops = async () =>
        (await deps.quarantine.groups(null)).groups.map(({ path, count, dropped }) => [path, count, dropped]);

      it("drops nothing while the box has room", async () => {
        for (let number = 1; number <= 12; number++) await deps.quarantine.put(of(number, "heartbeat"));
        await deps.quarantine.put(of(12, "heartbeat"));
        expect([(await idsOf()).length, await deps.quarantine.dropped(), await drops()]).toEqual([
          12,
          {},
          [["/HistoryEvent", 12, 0]],
        ]);
      });

      it("takes from the middle of the one with most records, whatever the reason", async () => {
        for (let number = 1; number <= 5; number++) await deps.quarantine.put(of(number, "door"));
        for (let number = 11; number <= 16; number++) await deps.quarantine.put(of(number, "heartbeat"));
        await deps.quarantine.put(record(21, { reason: "picture" }));
        await deps.quarantine.put(record(22));
        expect(await idsOf()).toEqual(named(22, 21, 16, 15, 13, 12, 11, 5, 4, 3, 2, 1));
        await deps.quarantine.put(of(23, "heartbeat"));
        expect(await idsOf()).toEqual(named(23, 22, 21, 16, 15, 12, 11, 5, 4, 3, 2, 1));
      });

      it("takes from one with a time and a person last, and then from its middle", async () => {
        for (let number = 1; number <= 9; number++) await deps.quarantine.put(of(number, "passing", true));
        for (let number = 11; number <= 15; number++) await deps.quarantine.put(of(number, "heartbeat"));
        expect(await idsOf()).toEqual(named(15, 14, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1));
        for (let number = 21; number <= 24; number++) await deps.quarantine.put(of(number, "passing", true));
        expect(await idsOf()).toEqual(named(24, 23, 22, 21, 9, 8, 6, 5, 4, 3, 2, 1));
      });

      it("takes from the one with most bytes if those are too many", async () => {
        const bytes = (length: number) => ({ body: Buffer.alloc(length) });
        for (let number = 1; number <= 3; number++)
          await deps.quarantine.put(of(number, "long", false, bytes(300_000 + number)));
        for (let number = 11; number <= 18; number++) await deps.quarantine.put(of(number, "short"));
        await deps.quarantine.put(of(21, "other", false, bytes(300_000)));
        expect(await idsOf()).toEqual(named(21, 18, 17, 16, 15, 14, 13, 12, 11, 3, 1));
      });

      it("says of each group how many were dropped, while a record of the shape is there", async () => {
        for (let number = 1; number <= 60; number++) await deps.quarantine.put(of(number, "passing", true));
        await deps.quarantine.put(of(61, "alarm", false, { path: "/alarm" }));
        expect(await drops()).toEqual([
          ["/alarm", 1, 0],
          ["/HistoryEvent", 11, 49],
        ]);
        expect(await deps.quarantine.dropped()).toEqual({ "gate-1": 49 });
        for (const id of (await idsOf()).slice(1)) await deps.quarantine.remove(id);
        expect(await drops()).toEqual([["/alarm", 1, 0]]);
      });

      it("says nothing of those that an expired record knew of", async () => {
        for (let number = 1; number <= 20; number++) await deps.quarantine.put(of(number, "passing", true));
        expect(await drops()).toEqual([["/HistoryEvent", 12, 8]]);
        const receivedAt = expiry + hour;
        deps.setClock(receivedAt);
        for (const id of named(1, 2, 3)) await deps.quarantine.put(of(0, "passing", true, { id, receivedAt }));
        expect(await drops()).toEqual([["/HistoryEvent", 3, 0]]);
      });

      it("leaves a record the shape with which it was kept first", async () => {
        const event = { id: "evt_1", fingerprint: "face-a" };
        for (let number = 1; number <= 12; number++) await deps.quarantine.put(of(number, "passing", true));
        for (let number = 1; number <= 11; number++)
          await deps.quarantine.put(record(number, { reason: "cut", event }));
        await deps.quarantine.put(of(21, "heartbeat"));
        await deps.quarantine.put(of(22, "heartbeat"));
        expect(await idsOf()).toEqual(named(22, 12, 11, 10, 9, 8, 6, 5, 4, 3, 2, 1));
      });
    });

    it("warns once it is over half full", async () => {
      for (let number = 1; number <= 3; number++) await deps.quarantine.put(record(number));
      expect(deps.warnings).toEqual([]);
      await deps.quarantine.put(record(4));
      expect(deps.warnings).toEqual(["quarantine over half full"]);
    });

    const hour = 60 * 60 * 1000;
    const expiry = noon + 90 * day;
    const keepAt = async (time: number, ...numbers: number[]) => {
      deps.setClock(time);
      for (const number of numbers) await deps.quarantine.put(record(number, { receivedAt: time }));
    };

    it("shows a record until it has expired, and not an instant longer", async () => {
      await keepAt(noon, 1, 2);
      await keepAt(noon + hour, 3);
      deps.setClock(expiry - 1);
      expect(await idsOf("gate-1")).toEqual(["qrt_3", "qrt_2", "qrt_1"]);
      expect(await deps.quarantine.get("qrt_1")).not.toBeNull();
      deps.setClock(expiry);
      expect(await idsOf("gate-1")).toEqual(["qrt_3"]);
      expect(await idsOf()).toEqual(["qrt_3"]);
      expect(await deps.quarantine.get("qrt_1")).toBeNull();
    });

    it("treats a report that is received again after its record expired as new", async () => {
      await keepAt(noon, 1);
      await deps.quarantine.put(record(1, { receivedAt: noon, event: { id: "evt_1", fingerprint: "face-a" } }));
      await keepAt(expiry, 1);
      const found = await deps.quarantine.get("qrt_1");
      expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual(record(1, { receivedAt: expiry }));
      expect(await idsOf("gate-1")).toEqual(["qrt_1"]);
    });

    it("drops nothing, and warns of nothing, because of expired records", async () => {
      await keepAt(noon, 1, 2, 3);
      await keepAt(expiry, 1, 4, 5);
      expect(deps.warnings).toEqual([]);
      await keepAt(expiry + hour, 6, 7, 8);
      expect(await idsOf("gate-1")).toEqual(["qrt_8", "qrt_7", "qrt_6", "qrt_5", "qrt_4", "qrt_1"]);
      expect(await deps.quarantine.dropped()).toEqual({});
    });

    it("drops as many unexpired records as are too many", async () => {
      await keepAt(noon, 1, 2, 3);
      await keepAt(noon + day, 4, 5, 6);
      await keepAt(expiry, 7, 8, 9, 10);
      expect(await idsOf("gate-1")).toEqual(["qrt_9", "qrt_8", "qrt_10", "qrt_6", "qrt_5", "qrt_4"]);
      expect(await deps.quarantine.dropped()).toEqual({ "gate-1": 1 });
    });

    it("counts the bytes of unexpired records", async () => {
      deps.setClock(noon);
      await deps.quarantine.put(record(1, { receivedAt: noon, body: Buffer.alloc(5000) }));
      deps.setClock(expiry);
      for (const number of [2, 3])
        await deps.quarantine.put(record(number, { receivedAt: expiry, body: Buffer.alloc(2500) }));
      expect(await idsOf()).toEqual(["qrt_3", "qrt_2"]);
      await deps.quarantine.put(record(4, { receivedAt: expiry + 1, body: Buffer.alloc(2500) }));
      expect((await idsOf()).length).toBe(2);
      expect(await deps.quarantine.dropped()).toEqual({ "gate-1": 1 });
    });

    describe("a record that is set aside", () => {
      const until = noon + 7 * day;
      const setAside = async (...which: Partial<QuarantineRecord>[]) => {
        await deps.quarantine.put(record(1, ...which));
        await deps.quarantine.setAside("qrt_1", { events: ["evt_a", "evt_b"], until });
      };
      const putBack = () => deps.quarantine.putBack({ id: "qrt_1", receivedAt: noon + 1 });

      it("is in no list, group or count", async () => {
        await setAside();
        expect([await idsOf(), await idsOf("gate-1"), await deps.quarantine.get("qrt_1")]).toEqual([[], [], null]);
        expect(await deps.quarantine.groups(null)).toEqual({ groups: [], isExact: true });
        for (const number of [2, 3, 4, 5, 6, 7]) await deps.quarantine.put(record(number));
        expect(await deps.quarantine.dropped()).toEqual({});
        expect((await idsOf()).length).toBe(6);
      });

      it("is put back as it was, and counts again", async () => {
        const sent = record(1, { reason: "unknown-shape", shape: { name: "a", isPassing: false } });
        await setAside(sent);
        expect(await putBack()).toBe(true);
        const { shape: _, ...kept } = sent;
        const found = await deps.quarantine.get("qrt_1");
        expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual(kept);
        expect(await idsOf("gate-1")).toEqual(["qrt_1"]);
        for (const number of [2, 3, 4, 5, 6, 7]) await deps.quarantine.put(record(number));
        expect(await deps.quarantine.dropped()).toEqual({ "gate-1": 1 });
      });

      it("is listed and read as it was, if its id and time are known", async () => {
        const body = Buffer.alloc(2_500_000, "0123456789");
        await setAside({ body });
        await deps.quarantine.put(record(2));
        const where = [2, 1, 3].map((number) => ({ id: `qrt_${number}`, receivedAt: noon + number }));
        const { body: _, ...listed } = record(1, { body });
        expect(await deps.quarantine.listAside(where)).toEqual([{ ...listed, bytes: body.length }]);
        const found = await deps.quarantine.getAside({ id: "qrt_1", receivedAt: noon + 1 });
        expect({ ...found, body: Buffer.from(found?.body ?? []).equals(body) }).toEqual({ ...listed, body: true });
        deps.setClock(until);
        expect(await deps.quarantine.listAside(where)).toEqual([]);
      });

      it("may be set aside and put back twice", async () => {
        await setAside();
        await deps.quarantine.setAside("qrt_1", { events: ["evt_c"], until });
        expect([await putBack(), await putBack(), await idsOf()]).toEqual([true, true, ["qrt_1"]]);
        await deps.quarantine.setAside("qrt_1", { events: ["evt_c"], until });
        expect(await idsOf()).toEqual([]);
      });

      it("is put back if it is large", async () => {
        const body = Buffer.alloc(2_500_000, "0123456789");
        await setAside({ body });
        expect(await deps.quarantine.get("qrt_1")).toBeNull();
        expect(await putBack()).toBe(true);
        expect(Buffer.from((await deps.quarantine.get("qrt_1"))?.body ?? []).equals(body)).toBe(true);
      });

      it("stays aside while others of its shape are received", async () => {
        const ofShape = { reason: "unknown-shape", shape: { name: "a", isPassing: false } };
        await setAside(ofShape);
        for (let number = 2; number < 50; number++) await deps.quarantine.put(record(number, ofShape));
        expect(await putBack()).toBe(true);
      });

      it("cannot be put back after its time, or after it has expired", async () => {
        await setAside();
        deps.setClock(until);
        expect([await putBack(), await idsOf()]).toEqual([false, []]);
      });

      it("cannot be put back after it has expired", async () => {
        await deps.quarantine.put(record(1));
        await deps.quarantine.setAside("qrt_1", { events: ["evt_a"], until: noon + 200 * day });
        deps.setClock(noon + 91 * day);
        expect([await putBack(), await idsOf()]).toEqual([false, []]);
      });

      it("is new if its report is received again", async () => {
        await setAside();
        await deps.quarantine.put(record(1, { receivedAt: noon + 9 }));
        expect(await deps.quarantine.get("qrt_1")).toMatchObject({ receivedAt: noon + 9 });
        expect(await putBack()).toBe(true);
        expect(await deps.quarantine.get("qrt_1")).toMatchObject({ receivedAt: noon + 9 });
      });

      it("is gone if it is removed", async () => {
        await setAside();
        await deps.quarantine.remove("qrt_1");
        expect(await putBack()).toBe(false);
      });

      it("cannot be put back if there is none", async () => {
        await deps.quarantine.setAside("qrt_1", { events: [], until });
        expect(await putBack()).toBe(false);
      });
    });

    it("forgets removed records", async () => {
      await deps.quarantine.put(record(1));
      await deps.quarantine.remove("qrt_1");
      expect(await deps.quarantine.get("qrt_1")).toBeNull();
      expect(await idsOf()).toEqual([]);
    });
  });
}
