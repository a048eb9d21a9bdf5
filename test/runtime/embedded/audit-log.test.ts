import { DatabaseSync } from "node:sqlite";
import type { AuditEntry } from "@gatepost/core/audit";
import { openRuntime } from "@gatepost/embedded";
import { describe, expect, it } from "vitest";
import { auditEntries, verified } from "../../support/audit.ts";
import { keptLog } from "../../unit/http/support.ts";
import { openedByTests, temporaryDataFolder } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();
const now = Date.UTC(2026, 10, 20, 12);
const entry: AuditEntry = { action: "key-revoked", outcome: "done", by: "key_1", from: null, about: { key: "key_2" } };

/** A log of five entries, and the database under it. */
async function logOfFive() {
  const { runtime } = await openRuntimeHere({ clock: () => now });
  const { audit } = runtime.reads;
  for (let n = 1; n <= 5; n++) await audit.note({ ...entry, about: { n } });
  const inDatabase = <Result>(work: (database: DatabaseSync) => Result): Result => {
    using database = new DatabaseSync(runtime.folder.database);
    return work(database);
  };
  const change = (sql: string) => inDatabase((database) => database.exec(sql));
  const rows = (sql: string) => inDatabase((database) => database.prepare(sql).all());
  return { audit, change, rows, faults: async () => (await verified(audit, { now })).faults };
}

const third = "UPDATE items SET item = replace(item, 'key_1', 'key_9') WHERE pk = 'audit 3'";

describe("an audit log in SQLite", () => {
  it("refuses changes of an entry", async () => {
    const { change, faults } = await logOfFive();
    expect(() => change(third)).toThrow("cannot be changed");
    expect(await faults()).toEqual([]);
  });

  it.each([
    ["changed", `DROP TRIGGER audit_is_only_appended_to; ${third}`, "entry 3 was changed"],
    ["removed", "DELETE FROM items WHERE pk = 'audit 3'", "entries 3 to 3 are missing"],
    ["cut off at the end", "DELETE FROM items WHERE pk IN ('audit 4', 'audit 3')", "entries 3 to 4 are missing"],
    ["cut off at the beginning", "DELETE FROM items WHERE pk IN ('audit 1', 'audit 2')", "entries 1 to 2 are missing"],
  ])("shows that entries were %s", async (_, sql, fault) => {
    const { change, faults } = await logOfFive();
    change(sql);
    expect((await faults())[0]).toContain(fault);
  });

  it("shows each entry to people with sqlite3, at the time when it was made", async () => {
    const { audit, rows } = await logOfFive();
    const records = await auditEntries(audit);
    expect(rows("SELECT seq, at, record FROM audit ORDER BY seq")).toEqual(
      records.map((record) => ({ seq: record.seq, at: now, record: JSON.stringify(record) })),
    );
  });

  it("continues after the last entry of the previous process, and counts its pictures", async () => {
    const folder = await temporaryDataFolder();
    closers.push(folder.remove);
    const { log } = keptLog();
    const before = await openRuntime({ data: folder.path, log, clock: () => now });
    await before.reads.audit.note(entry);
    for (const pictures of [1, 2]) await before.reads.audit.countPictures("key_1", pictures);
    await before.close();
    const { runtime } = await openRuntimeHere({ clock: () => now + 60 * 60 * 1000, data: folder.path });
    await runtime.reads.audit.tidy();
    const entries = await auditEntries(runtime.reads.audit);
    expect(entries.map(({ action, about }) => [action, about["count"]])).toEqual([
      ["key-revoked", undefined],
      ["pictures-read", 3],
    ]);
  });
});
