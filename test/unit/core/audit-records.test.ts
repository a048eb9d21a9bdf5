import { type AuditEntry, AuditRecords, auditEntryKey, auditHeadKey } from "@gatepost/core/audit";
import { MemoryItems, present } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import { auditEntries, verified } from "../../support/audit.ts";
import { keptLog } from "../http/support.ts";

const noon = Date.UTC(2026, 10, 20, 12);
const hour = 60 * 60 * 1000;
const entry: AuditEntry = { action: "key-made", outcome: "done", by: "key_1", from: null, about: {} };

type Fault = NonNullable<ConstructorParameters<typeof MemoryItems>[0]["fault"]>;

/** An audit log in memory. `fault` decides of each call whether it fails. */
function auditInMemory({ writeCountsEveryMs = 0 } = {}) {
  const opened = { now: noon, fault: (() => null) as Fault, calls: [] as string[] };
  const clock = () => opened.now;
  const items = new MemoryItems({
    clock,
    fault(call) {
      opened.calls.push(call.is);
      return opened.fault(call);
    },
  });
  const { log, lines } = keptLog();
  const process = () => new AuditRecords({ items, urgent: items, clock, log, writeCountsEveryMs });
  const audit = process();
  const faults = async () => (await verified(audit, { now: opened.now })).faults;
  const counts = async () => (await auditEntries(audit)).flatMap(({ about }) => about["count"] ?? []);
  return Object.assign(opened, { items, lines, process, audit, faults, counts });
}

describe("an audit log over the record store", () => {
  it("has an entry once, even if its writer lost the answer while others append", async () => {
    const opened = auditInMemory();
    await opened.audit.note(entry);
    const write = opened.items.write.bind(opened.items);
    opened.items.write = async (change) => {
      const written = await write(change);
      if (change.pk !== auditHeadKey) return written;
      opened.items.write = write;
      await opened.process().note({ ...entry, by: "key_2" });
      return { applied: false, previous: written.previous };
    };
    expect(await opened.audit.note({ ...entry, by: "key_3" })).toBe(2);
    expect((await auditEntries(opened.audit)).map(({ by }) => by)).toEqual(["key_1", "key_3", "key_2"]);
  });

  it("appends to a chain that another process begins at the same time", async () => {
    const opened = auditInMemory();
    const get = opened.items.get.bind(opened.items);
    opened.items.get = async (pk) => {
      opened.items.get = get;
      const found = await get(pk);
      const other = opened.process();
      for (const by of ["key_2", "key_3"]) await other.note({ ...entry, by });
      return found;
    };
    expect(await opened.audit.note(entry)).toBe(3);
    expect(await opened.faults()).toEqual([]);
  });

  it("shows an entry that was changed", async () => {
    const { audit, items, faults } = auditInMemory();
    for (let n = 1; n <= 4; n++) await audit.note({ ...entry, about: { n } });
    const [, , third] = await auditEntries(audit);
    const record = JSON.stringify({ ...third, by: "key_9" });
    await items.write({ pk: auditEntryKey(3), set: { record }, when: present() });
    expect(await faults()).toEqual(["entry 3 was changed"]);
  });

  it("notes a sign-in after a minute if the process ended before noting it", async () => {
    const opened = auditInMemory();
    const signIn = { by: "key_1", from: "a" };
    let writes = 0;
    opened.fault = ({ is }) => (is === "write" && ++writes > 1 ? "not-done" : null);
    await expect(opened.audit.noteSignIn(signIn)).rejects.toThrow();
    opened.fault = () => null;
    await opened.audit.noteSignIn(signIn);
    expect(await auditEntries(opened.audit)).toEqual([]);
    opened.now += 60_000;
    await opened.audit.noteSignIn(signIn);
    expect(await auditEntries(opened.audit)).toMatchObject([{ action: "signed-in", by: "key_1" }]);
  });

  it("adds pictures to the count later if they could not be counted", async () => {
    const opened = auditInMemory();
    opened.fault = ({ is }) => (is === "write" ? "not-done" : null);
    await opened.audit.countPictures("key_1", 2);
    expect(opened.lines).toMatchObject([{ level: "warn", message: "pictures that keys read were not counted" }]);
    opened.fault = () => null;
    await opened.audit.countPictures("key_1", 1);
    opened.now += hour;
    await opened.audit.note(entry);
    expect(await opened.counts()).toEqual([3]);
  });

  it("asks once an hour for ended hours, and notes their counts without another entry", async () => {
    const opened = auditInMemory();
    const asks = async () => {
      opened.calls = [];
      await opened.audit.countPictures("key_1", 1);
      return opened.calls.includes("list");
    };
    expect([await asks(), await asks()]).toEqual([true, false]);
    opened.now += hour;
    expect([await asks(), await asks()]).toEqual([true, false]);
    expect(await opened.counts()).toEqual([2]);
  });

  it("asks again for the counts of ended hours after a failure", async () => {
    const opened = auditInMemory();
    await opened.audit.countPictures("key_1", 1);
    opened.now += hour;
    opened.fault = ({ is }) => (is === "list" ? "not-done" : null);
    await opened.audit.countPictures("key_1", 1);
    expect([await opened.counts(), opened.lines.map(({ level }) => level)]).toEqual([[], ["warn"]]);
    opened.fault = () => null;
    await opened.audit.countPictures("key_1", 1);
    expect(await opened.counts()).toEqual([1]);
    opened.now += hour;
    await opened.audit.note(entry);
    expect(await opened.counts()).toEqual([1, 2]);
  });

  it("has a count noted by one process, while another one also finds it", async () => {
    const opened = auditInMemory();
    await opened.audit.countPictures("key_1", 1);
    opened.now += hour;
    const remove = opened.items.remove.bind(opened.items);
    opened.items.remove = async (...asked) => {
      opened.items.remove = remove;
      await opened.process().note(entry);
      return remove(...asked);
    };
    await opened.audit.note(entry);
    expect(await opened.counts()).toEqual([1]);
    expect(await auditEntries(opened.audit)).toHaveLength(3);
  });

  it.each([true, false])(
    "notes later counts of a slow process, even if removal loses its answer: %s",
    async (isRemoved) => {
      const opened = auditInMemory();
      await opened.audit.countPictures("key_1", 5);
      const remove = opened.items.remove.bind(opened.items);
      opened.items.remove = async (pk, when) => {
        opened.items.remove = remove;
        if (isRemoved) await remove(pk, when);
        opened.now -= hour;
        await opened.process().countPictures("key_1", 2);
        opened.now += hour;
        return remove(pk, when);
      };
      for (let time = 0; time < 2; time++) {
        opened.now += hour;
        await opened.audit.note(entry);
      }
      expect(await opened.counts()).toEqual([5, 2]);
    },
  );

  it("counts in memory for the given time, and writes counts before the next entry", async () => {
    const opened = auditInMemory({ writeCountsEveryMs: 60_000 });
    const countIn = async () => (await opened.items.get(`pictures-read key_1 ${noon / hour}`))?.["pictures"];
    for (const pictures of [1, 2, 4]) await opened.audit.countPictures("key_1", pictures);
    expect(await countIn()).toBe(1);
    await opened.audit.note(entry);
    expect(await countIn()).toBe(7);
    await opened.audit.countPictures("key_1", 8);
    opened.now += 60_000;
    await opened.audit.countPictures("key_1", 16);
    expect(await countIn()).toBe(31);
  });

  it("notes revocations and sign-ins if nothing else can be noted", async () => {
    const { items, process } = auditInMemory();
    const full = new MemoryItems({ clock: () => noon });
    full.get = (pk) => items.get(pk);
    full.getAll = (pks) => items.getAll(pks);
    full.write = async () => {
      throw new Error("the disk is full");
    };
    const { log } = keptLog();
    const clock = () => noon;
    const audit = new AuditRecords({ items: full, urgent: items, clock, log, writeCountsEveryMs: 0 });
    await process().note(entry);
    await audit.noteSignIn({ by: "key_1", from: null });
    await audit.note({ ...entry, action: "key-revoked" });
    await expect(audit.note(entry)).rejects.toThrow("full");
    const actions = (await auditEntries(audit)).map(({ action }) => action);
    expect(actions).toEqual(["key-made", "signed-in", "key-revoked"]);
  });

  it("logs its end once an hour, only if it grew", async () => {
    const opened = auditInMemory();
    const tidyAt = async (after: number) => {
      opened.now = noon + after;
      await opened.audit.tidy();
    };
    await tidyAt(0);
    await opened.audit.note(entry);
    await tidyAt(1);
    await opened.audit.note(entry);
    for (const after of [2, hour, hour + 1, 2 * hour]) await tidyAt(after);
    const message = "the audit log ends here";
    expect(opened.lines).toEqual(
      [1, 2].map((seq) => ({ level: "info", message, facts: { seq, hash: expect.any(String) } })),
    );
  });
});
