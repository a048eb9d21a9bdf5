import { type AuditEntry, type AuditRecord, ChainCheck, chained } from "@gatepost/core/audit";
import { describe, expect, it } from "vitest";
import { noon } from "./support.ts";

const entry: AuditEntry = { action: "signed-in", outcome: "done", by: "key_1", from: "ab", about: { n: 1, a: ["b"] } };
const day = 24 * 60 * 60 * 1000;

/** Entries of so many days, the oldest first. */
function chainOf(count: number): AuditRecord[] {
  const records: AuditRecord[] = [];
  for (let n = 0; n < count; n++) records.push(chained(entry, records.at(-1) ?? null, noon + n * day));
  return records;
}

const headOf = (records: readonly AuditRecord[]) => {
  const last = records.at(-1);
  return last === undefined ? null : { seq: last.seq, hash: last.hash };
};

/** Checks entries against a head; older entries than `keptFrom` may be missing. */
function found(records: readonly AuditRecord[], { head = headOf(records), known = null, keptFrom = noon } = {}) {
  const check = new ChainCheck(head, known);
  for (const record of records.toReversed()) check.take(record);
  return check.end(keptFrom);
}

type Options = NonNullable<Parameters<typeof found>[1]>;

describe("the check of a chain", () => {
  it("a complete chain, an empty one, and one with entries added meanwhile have no fault", () => {
    const records = chainOf(5);
    expect(found(records)).toEqual({ entries: 5, oldest: 1, brokenAt: null, faults: [] });
    expect(found([])).toEqual({ entries: 0, oldest: null, brokenAt: null, faults: [] });
    const head = headOf(records.slice(0, 3));
    expect(found(records, { head } as Options)).toEqual({ entries: 3, oldest: 1, brokenAt: null, faults: [] });
  });

  it("entries with members in another order count as the same", () => {
    const [record] = chainOf(1);
    const turned = Object.fromEntries(Object.entries(record ?? {}).reverse()) as AuditRecord;
    expect(found([{ ...turned, about: { a: ["b"], n: 1 } }]).faults).toEqual([]);
  });

  it.each([
    ["by", "key_9"],
    ["action", "key-made"],
    ["at", "2026-11-05T04:00:00.001Z"],
    ["about", { n: 2 }],
    ["from", null],
    ["id", "x"],
  ] as const)("an entry with a changed %s is found", (member, value) => {
    const records = chainOf(5);
    const [, , third] = records;
    expect(found(records.with(2, { ...third, [member]: value } as AuditRecord)).faults).toContain(
      "entry 3 was changed",
    );
  });

  it("an entry that was changed with its hash is found by the next entry", () => {
    const records = chainOf(5);
    const forged = chained({ ...entry, by: "key_9" }, records[1] ?? null, noon + 2 * day);
    expect(found(records.with(2, forged)).faults).toEqual(["entry 3 is not the one that the next names"]);
  });

  it("removed, moved and inserted entries are found", () => {
    const records = chainOf(6);
    const [one, two, three, four, five, six] = records as [
      AuditRecord,
      AuditRecord,
      AuditRecord,
      AuditRecord,
      AuditRecord,
      AuditRecord,
    ];
    expect(found([one, two, five, six]).faults).toEqual(["entries 3 to 4 are missing"]);
    expect(found([one, three, two, four, five, six]).faults).not.toEqual([]);
    expect(found([one, two, two, three, four, five, six]).faults).not.toEqual([]);
  });

  it("a cut end is found, unless the head was cut too and no copy exists", () => {
    const records = chainOf(5);
    const head = headOf(records);
    const cut = records.slice(0, 3);
    expect(found(cut, { head } as Options).faults).toEqual(["entries 4 to 5 are missing"]);
    expect(found(cut).faults).toEqual([]);
    expect(found(cut, { known: head } as never).faults).toEqual([
      "entry 5 was there, and the log now ends at 3: its end was cut off",
    ]);
    const rewritten = [...cut];
    for (let n = 0; n < 3; n++) rewritten.push(chained({ ...entry, by: "key_9" }, rewritten.at(-1) ?? null, noon));
    expect(found(rewritten, { known: head } as never).faults).toEqual(["entry 5 is another one than before"]);
  });

  it("a beginning that was removed too early is found", () => {
    const records = chainOf(5).slice(2);
    expect(found(records, { keptFrom: noon + 2 * day }).faults).toEqual([]);
    expect(found(records, { keptFrom: noon + day }).faults).toEqual([
      "entries 1 to 2 are missing, which are not all old enough to be gone",
    ]);
    expect(found([], { head: { seq: 4, hash: "x" } } as never).faults).toHaveLength(1);
  });

  it("a missing head is found", () => {
    expect(found(chainOf(5), { head: null } as Options).faults).toEqual(["the head is missing"]);
    expect(found(chainOf(1), { head: null } as Options).faults).toEqual([]);
  });

  it("at most twenty faults are listed", () => {
    const records = chainOf(30).map((record) => ({ ...record, by: "key_9" }));
    expect(found(records).faults).toHaveLength(20);
  });
});
