import { type AuditEntry, type AuditHead, AuditRecords, auditEntryKey, auditHeadKey } from "@gatepost/core/audit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditEntries, verified } from "../support/audit.ts";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { day, noon } from "./samples.ts";

const entry: AuditEntry = { action: "key-revoked", outcome: "done", by: "key_1", from: null, about: { key: "key_2" } };
const hour = 60 * 60 * 1000;

/** An audit log, on any driver of the record store. */
export function auditLogContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the promises of an audit log:`, () => {
    let opened: OpenedItems;
    let audit: AuditRecords;
    /** The same log in another process. */
    let other: AuditRecords;
    beforeEach(async () => {
      opened = await open();
      const { items, clock } = opened;
      [audit, other] = [0, 0].map(
        () => new AuditRecords({ items, urgent: items, clock, log: keptLog().log, writeCountsEveryMs: 0 }),
      ) as [AuditRecords, AuditRecords];
    });
    afterEach(() => opened.close());

    const all = async (range: { from?: number; to?: number } = {}) =>
      (await audit.list(range, { limit: 500, cursor: null })).items;
    const check = (known: AuditHead | null = null, now = noon) => verified(audit, { now, known });

    it("chains entries and lists the newest first, page by page", async () => {
      expect(await audit.head()).toBeNull();
      for (let n = 1; n <= 5; n++) {
        opened.setClock(noon + n);
        expect(await audit.note({ ...entry, about: { n, boxes: ["门-1"] } })).toBe(n);
      }
      const first = await audit.list({}, { limit: 3, cursor: null });
      await audit.note(entry);
      const second = await audit.list({}, { limit: 3, cursor: first.next });
      const read = [...first.items, ...second.items];
      expect(read.map(({ seq, about }) => [seq, about["n"]])).toEqual([5, 4, 3, 2, 1].map((n) => [n, n]));
      expect(second.next).toBeNull();
      expect(read[0]).toMatchObject({
        ...entry,
        about: { n: 5, boxes: ["门-1"] },
        at: new Date(noon + 5).toISOString(),
      });
      expect(await check()).toEqual({ entries: 6, oldest: 1, brokenAt: null, faults: [] });
      await expect(audit.list({}, { limit: 3, cursor: "x" })).rejects.toMatchObject({ kind: "bad-request" });
    });

    it("gives a separate number to each of many simultaneous writers in two processes", async () => {
      const logs = Array.from({ length: 24 }, (_, n) => (n % 2 === 0 ? audit : other));
      const numbers = await Promise.all(logs.map((log, n) => log.note({ ...entry, about: { n } })));
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1));
      expect(await check()).toEqual({ entries: 24, oldest: 1, brokenAt: null, faults: [] });
    });

    it("finds entries by their times, which never go back", async () => {
      for (const at of [noon, noon + hour, noon + 30 * 60_000, noon + 2 * hour]) {
        opened.setClock(at);
        await audit.note(entry);
      }
      const numbersIn = async (range: { from?: number; to?: number }) => (await all(range)).map(({ seq }) => seq);
      expect(await numbersIn({ from: noon + hour })).toEqual([4, 3, 2]);
      expect(await numbersIn({ to: noon + hour })).toEqual([1]);
      expect(await numbersIn({ from: noon + 1, to: noon + 2 * hour })).toEqual([3, 2]);
      expect(await numbersIn({ from: noon + 3 * hour })).toEqual([]);
      expect(await numbersIn({ to: noon })).toEqual([]);
    });

    it("notes the first sign-in of a key in an hour from an address", async () => {
      const signIns = async () => (await all()).map(({ action, by, from }) => [action, by, from]).reverse();
      const [one, two] = [
        { by: "key_1", from: "a" },
        { by: "key_2", from: null },
      ];
      for (const signIn of [one, one, two, { ...one, from: "b" }, two]) await audit.noteSignIn(signIn);
      const noted = [
        ["signed-in", "key_1", "a"],
        ["signed-in", "key_2", null],
        ["signed-in", "key_1", "b"],
      ];
      expect(await signIns()).toEqual(noted);
      opened.setClock(noon + hour - 1);
      await audit.noteSignIn(one);
      expect(await signIns()).toEqual(noted);
      opened.setClock(noon + hour);
      await audit.noteSignIn(one);
      expect(await signIns()).toEqual([...noted, noted[0]]);
    });

    it("notes a sign-in once that two processes see at once", async () => {
      await Promise.all([audit, other].map((log) => log.noteSignIn({ by: "key_1", from: "a" })));
      expect(await all()).toHaveLength(1);
    });

    it("counts the pictures that a key reads, and notes them once their hour has ended", async () => {
      for (const key of ["key_1", "key_2", "key_1"]) await audit.countPictures(key, 1);
      await audit.countPictures("key_2", 20);
      await audit.note(entry);
      expect(await all()).toHaveLength(1);
      opened.setClock(noon + hour);
      await other.countPictures("key_1", 1);
      await audit.note(entry);
      const reads = (await all()).filter(({ action }) => action === "pictures-read");
      expect(reads.map(({ by, about }) => [by, about]).toSorted()).toEqual([
        ["key_1", { hour: new Date(noon).toISOString(), count: 2 }],
        ["key_2", { hour: new Date(noon).toISOString(), count: 21 }],
      ]);
      opened.setClock(noon + 2 * hour);
      await audit.note(entry);
      const again = (await all()).filter(({ action }) => action === "pictures-read");
      expect(again.map(({ about }) => about["count"]).toSorted()).toEqual([1, 2, 21]);
      expect((await check()).faults).toEqual([]);
    });

    it("keeps entries for three years, and is sound without those that are older", async () => {
      for (const days of [0, 1, 1000]) {
        opened.setClock(noon + days * day);
        await audit.note(entry);
      }
      const later = noon + 1098.5 * day;
      opened.setClock(later);
      expect((await all()).map(({ seq }) => seq)).toEqual([3, 2]);
      expect((await all({ to: noon + 1000 * day })).map(({ seq }) => seq)).toEqual([2]);
      expect(await check(null, later)).toEqual({ entries: 2, oldest: 2, brokenAt: null, faults: [] });
    });

    it("shows removed entries, and starts no second chain if the end is gone", async () => {
      for (let n = 1; n <= 5; n++) await audit.note({ ...entry, about: { n } });
      const known = await audit.head();
      const faults = async () => (await check()).faults;
      const remove = (seq: number) => opened.items.remove(auditEntryKey(seq));
      await remove(3);
      expect(await faults()).toEqual(["entries 3 to 3 are missing"]);
      for (const seq of [1, 2]) await remove(seq);
      expect(await faults()).toEqual(["entries 1 to 3 are missing, which are not all old enough to be gone"]);
      await opened.items.remove(auditHeadKey);
      for (let n = 1; n <= 2; n++) await audit.note(entry);
      expect((await check(known)).faults).toContain(
        "entry 5 was there, and the log now ends at 2: its end was cut off",
      );
      await opened.items.remove(auditHeadKey);
      await expect(audit.note(entry)).rejects.toThrow("the end of the audit log is missing");
      expect(await auditEntries(audit)).toEqual([]);
    });
  });
}
