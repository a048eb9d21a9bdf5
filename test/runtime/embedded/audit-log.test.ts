import { DatabaseSync } from "node:sqlite";
import type { AuditEntry } from "@gatepost/core/audit";
import { describe, expect, it } from "vitest";
import { verified } from "../../support/audit.ts";
import { openedByTests } from "./temporary.ts";

const { openRuntimeHere } = openedByTests();
const now = Date.UTC(2026, 10, 20, 12);
const entry: AuditEntry = { action: "key-revoked", outcome: "done", by: "key_1", from: null, about: { key: "key_2" } };

/** A log of five entries, and the database under it. */
async function logOfFive() {
  const { runtime, logged } = await openRuntimeHere({ clock: () => now });
  const { audit } = runtime.reads;
  for (let n = 1; n <= 5; n++) await audit.note({ ...entry, about: { n } });
  const change = (sql: string) => {
    const database = new DatabaseSync(runtime.folder.database);
    database.exec(sql);
    database.close();
  };
  return { runtime, audit, logged, change, faults: async () => (await verified(audit, { now })).faults };
}

describe("an audit log in SQLite", () => {
  it("takes no change of an entry", async () => {
    const { change, faults } = await logOfFive();
    expect(() => change("UPDATE audit SET record = '{}' WHERE seq = 3")).toThrow("cannot be changed");
    expect(await faults()).toEqual([]);
  });

  const unlocked = "DROP TRIGGER audit_is_only_appended_to;";
  it.each([
    ["changed", `${unlocked} UPDATE audit SET record = json_set(record, '$.by', 'key_9') WHERE seq = 3`, "entry 3 was"],
    ["removed", "DELETE FROM audit WHERE seq = 3", "entries 3 to 3 are missing"],
    ["cut off at the end", "DELETE FROM audit WHERE seq > 3", "entries 4 to 5 are missing"],
    ["cut off at the beginning", "DELETE FROM audit WHERE seq < 3", "entries 1 to 2 are missing"],
    ["left without their head", "DELETE FROM audit_head", "the head is missing"],
  ])("shows that entries were %s", async (_, sql, fault) => {
    const { change, faults } = await logOfFive();
    change(sql);
    expect((await faults())[0]).toContain(fault);
  });

  it("does not begin a second chain where the head is gone", async () => {
    const { change, audit } = await logOfFive();
    change("DELETE FROM audit_head");
    await expect(audit.note(entry)).rejects.toThrow("UNIQUE");
  });

  it("shows by an end that was noted before that both end and head were cut off", async () => {
    const { change, audit, faults } = await logOfFive();
    const known = await audit.head();
    change(`DELETE FROM audit WHERE seq > 3;
      UPDATE audit_head SET record = (SELECT record FROM audit WHERE seq = 3)`);
    expect(await faults()).toEqual([]);
    expect((await verified(audit, { now, known })).faults).toEqual([
      "entry 5 was there, and the log now ends at 3: its end was cut off",
    ]);
  });

  it("goes on where the process before ended, with the pictures that it had counted", async () => {
    let time = now;
    const { runtime, folder } = await openRuntimeHere({ clock: () => time });
    await runtime.reads.audit.note(entry);
    for (const pictures of [1, 2]) await runtime.reads.audit.countPictures("key_1", pictures);
    await runtime.reads.audit.flush();
    time += 60 * 60 * 1000;
    await runtime.reads.audit.tidy();
    const { items } = await runtime.reads.audit.list({}, { limit: 10, cursor: null });
    expect(items.map(({ action, about }) => [action, about["count"]])).toEqual([
      ["pictures-read", 3],
      ["key-revoked", undefined],
    ]);
    expect(folder).toBe(runtime.folder.path);
  });

  it("knows the sign-ins of before a start, and reads nothing else of that hour for it", async () => {
    const { audit, change } = await logOfFive();
    change(`INSERT INTO audit VALUES
      (7, ${now}, '{"action":"signed-in","by":"key_1","from":"a"}'), (8, ${now}, '{"action":"of another version"}')`);
    await audit.noteSignIn({ by: "key_1", from: "a" });
    expect(await audit.head()).toMatchObject({ seq: 5 });
    for (let time = 0; time < 2; time++) await audit.noteSignIn({ by: "key_1", from: "b" });
    expect(await audit.head()).toMatchObject({ seq: 6 });
  });

  it("says in the log where it ends, once an hour and only where it grew", async () => {
    const { audit, logged } = await logOfFive();
    await audit.tidy();
    await audit.note(entry);
    await audit.tidy();
    const said = logged.filter(({ message }) => message === "the audit log ends here");
    expect(said).toEqual([{ level: "info", message: said[0]?.message, facts: { seq: 5, hash: expect.any(String) } }]);
  });
});
