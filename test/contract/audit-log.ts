import type { AuditEntry, AuditHead, AuditLog, AuditReader, AuditRecord } from "@gatepost/core/audit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verified } from "../support/audit.ts";
import { day, noon } from "./samples.ts";

export interface AuditUnderTest {
  audit: AuditLog & AuditReader;
  /** The same log in another process, or the same one where only one process may have it. */
  other: AuditLog;
  setClock(now: number): void;
  /** Removes what is not kept any more. */
  removeOld(): Promise<void>;
  close(): Promise<void>;
}

const entry: AuditEntry = { action: "key-revoked", outcome: "done", by: "key_1", from: null, about: { key: "key_2" } };
const hour = 60 * 60 * 1000;

/** What every audit log promises. The clock is at noon. */
export function auditLogContract(name: string, open: () => Promise<AuditUnderTest>): void {
  describe(`${name} keeps the promises of an audit log:`, () => {
    let deps: AuditUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const all = async (range: { from?: number; to?: number } = {}): Promise<AuditRecord[]> =>
      (await deps.audit.list(range, { limit: 500, cursor: null })).items;
    const check = (known: AuditHead | null = null, now = noon) => verified(deps.audit, { now, known });

    it("chains entries and lists the newest first, page by page", async () => {
      expect(await deps.audit.head()).toBeNull();
      for (let n = 1; n <= 5; n++) {
        deps.setClock(noon + n);
        expect(await deps.audit.note({ ...entry, about: { n, boxes: ["门-1"] } })).toBe(n);
      }
      const first = await deps.audit.list({}, { limit: 3, cursor: null });
      await deps.audit.note(entry);
      const second = await deps.audit.list({}, { limit: 3, cursor: first.next });
      const read = [...first.items, ...second.items];
      expect(read.map(({ seq, about }) => [seq, about["n"]])).toEqual([5, 4, 3, 2, 1].map((n) => [n, n]));
      expect(second.next).toBeNull();
      expect(read[0]).toMatchObject({
        ...entry,
        about: { n: 5, boxes: ["门-1"] },
        at: new Date(noon + 5).toISOString(),
      });
      expect(await check()).toEqual({ entries: 6, oldest: 1, faults: [] });
      await expect(deps.audit.list({}, { limit: 3, cursor: "x" })).rejects.toMatchObject({ kind: "bad-request" });
    });

    it("gives each of many writers at once, in two processes, a number of its own", async () => {
      const logs = Array.from({ length: 24 }, (_, n) => (n % 2 === 0 ? deps.audit : deps.other));
      const numbers = await Promise.all(logs.map((log, n) => log.note({ ...entry, about: { n } })));
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1));
      expect(await check()).toEqual({ entries: 24, oldest: 1, faults: [] });
    });

    it("finds entries by their times, which never go back", async () => {
      for (const at of [noon, noon + hour, noon + 30 * 60_000, noon + 2 * hour]) {
        deps.setClock(at);
        await deps.audit.note(entry);
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
      for (const signIn of [one, one, two, { ...one, from: "b" }, two]) await deps.audit.noteSignIn(signIn);
      const noted = [
        ["signed-in", "key_1", "a"],
        ["signed-in", "key_2", null],
        ["signed-in", "key_1", "b"],
      ];
      expect(await signIns()).toEqual(noted);
      deps.setClock(noon + hour - 1);
      await deps.audit.noteSignIn(one);
      expect(await signIns()).toEqual(noted);
      deps.setClock(noon + hour);
      await deps.audit.noteSignIn(one);
      expect(await signIns()).toEqual([...noted, noted[0]]);
    });

    it("counts the pictures that a key reads, and notes them once their hour has ended", async () => {
      for (const key of ["key_1", "key_2", "key_1"]) await deps.audit.countPictures(key, 1);
      await deps.audit.countPictures("key_2", 20);
      await deps.audit.note(entry);
      expect(await all()).toHaveLength(1);
      deps.setClock(noon + hour);
      await deps.other.countPictures("key_1", 1);
      await deps.audit.note(entry);
      const reads = (await all()).filter(({ action }) => action === "pictures-read");
      expect(reads.map(({ by, about }) => [by, about]).toSorted()).toEqual([
        ["key_1", { hour: new Date(noon).toISOString(), count: 2 }],
        ["key_2", { hour: new Date(noon).toISOString(), count: 21 }],
      ]);
      deps.setClock(noon + 2 * hour);
      await deps.audit.note(entry);
      const again = (await all()).filter(({ action }) => action === "pictures-read");
      expect(again.map(({ about }) => about["count"]).toSorted()).toEqual([1, 2, 21]);
      expect((await check()).faults).toEqual([]);
    });

    it("keeps entries for three years, and is sound without those that are older", async () => {
      for (const days of [0, 1, 1000]) {
        deps.setClock(noon + days * day);
        await deps.audit.note(entry);
      }
      const later = noon + 1098.5 * day;
      deps.setClock(later);
      await deps.removeOld();
      expect((await all()).map(({ seq }) => seq)).toEqual([3, 2]);
      expect((await all({ to: noon + 1000 * day })).map(({ seq }) => seq)).toEqual([2]);
      expect(await check(null, later)).toEqual({ entries: 2, oldest: 2, faults: [] });
    });
  });
}
