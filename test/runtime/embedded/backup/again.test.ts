import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { newSetupCode } from "@gatepost/core/accounts";
import { restore } from "@gatepost/embedded";
import { describe, expect, it, vi } from "vitest";
import { erasePerson } from "../../../support/erase-person.ts";
import { received } from "../../../support/reports.ts";
import { isWhole } from "../../../support/seeded.ts";
import { statusesOf } from "../box-status.ts";
import { openedByTests } from "../temporary.ts";
import { passing, picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();

describe("an erasure after a backup", () => {
  async function erasedAfterBackup() {
    const here = await stores(closers);
    const store = await here.open("store");
    const event = await store.pass(1, "by-event");
    await store.pass(2, "by-person");
    await store.pass(3, "stays");
    await here.backUp(store, "old");
    await store.runtime.eraser.eraseEvent(event);
    await erasePerson(store.runtime.eraser, "by-person", "gate-1");
    await store.pass(4, "later");
    return { ...here, store };
  }

  it("is undone by a restore without a later store", async () => {
    const { open, restore } = await erasedAfterBackup();
    expect((await restore("old", "again")).takenOver).toBeNull();
    expect(await (await open("again")).ids()).toHaveLength(3);
  });

  it.each(["store", "newer"])("is repeated from %s, and stays done", async (later) => {
    const { open, place, restore, backUp, store } = await erasedAfterBackup();
    await backUp(store, "newer");
    const { takenOver } = await restore("old", "again", { later });
    expect(takenOver).toEqual({ erasures: 2, events: 2, keys: 0 });
    expect(existsSync(place("again/later.db"))).toBe(false);
    const again = await open("again", store.token);
    expect(await picturesIn(again.runtime)).toEqual(["stays"]);
    for (const [number, person] of [
      [1, "by-event"],
      [2, "by-person"],
    ] as const)
      expect(await again.post(passing(number, person))).toBe(200);
    expect(await again.ids()).toHaveLength(1);
  });

  it("is repeated for every box, and ignored if the backup lacks the person", async () => {
    const { open, restore, store } = await erasedAfterBackup();
    for (const person of ["stays", "later"]) await erasePerson(store.runtime.eraser, person, null);
    expect((await restore("old", "again", { later: "store" })).takenOver).toMatchObject({ erasures: 4, events: 3 });
    const again = await open("again", store.token);
    expect(await again.ids()).toEqual([]);
    for (const [number, person] of [
      [3, "stays"],
      [4, "later"],
    ] as const)
      expect(await again.post(passing(number, person))).toBe(200);
    expect(await again.ids()).toEqual([]);
  });

  it("is repeated for a person who was erased earlier and passed once more", async () => {
    const { open, backUp, restore } = await stores(closers);
    let now = received;
    const store = await open("store", null, { clock: () => now });
    await store.pass(1, "twice");
    for (const person of ["twice", "only later"]) await erasePerson(store.runtime.eraser, person, null);
    now += 2_000_000_000;
    // A passing after the first erasure.
    await store.pass(1 + 30_000, "twice");
    await backUp(store, "old");
    await store.pass(2 + 30_000, "only later");
    now += 60_000;
    for (const person of ["twice", "only later"]) await erasePerson(store.runtime.eraser, person, null);
    expect(await store.ids()).toEqual([]);
    expect((await restore("old", "again", { later: "store" })).takenOver).toMatchObject({ erasures: 2, events: 1 });
    const again = await open("again", store.token, { clock: () => now });
    expect(await again.post(passing(2 + 30_000, "only later"))).toBe(200);
    expect(await again.ids()).toEqual([]);
  });

  it("is repeated for people who have records and no event", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    const month = { site: "default", month: "2026-11" };
    const plan = (id: string, library = "gate-1") => {
      return { library, key: id, id, boxes: ["gate-1"], days: { "2026-11-18": null } };
    };
    const people = [plan("of-box"), plan("of-all"), plan("of-site", "~default"), plan("stays")];
    await store.runtime.reads.rosters.write(
      { ...month, shown: "gate-1", rev: 0, now: received, keptDays: 100_000 },
      people,
    );
    await backUp(store, "old");
    await erasePerson(store.runtime.eraser, "of-box", "gate-1");
    await erasePerson(store.runtime.eraser, "of-site", "gate-1");
    await erasePerson(store.runtime.eraser, "of-all", null);
    await erasePerson(store.runtime.eraser, "stays", "gate-2");
    await restore("old", "again", { later: "store" });
    const { runtime } = await open("again", store.token);
    expect((await runtime.reads.rosters.of(month)).map(({ id }) => id)).toEqual(["stays"]);
  });

  it.runIf(isWhole)("removes all of a person's data, however much", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    const passings = Array.from({ length: 401 }, (_, number) => passing(number, "often"));
    expect(new Set(await Promise.all(passings.map(store.post)))).toEqual(new Set([200]));
    await backUp(store, "old");
    await erasePerson(store.runtime.eraser, "often", null);
    expect((await restore("old", "again", { later: "store" })).takenOver).toMatchObject({ erasures: 1, events: 401 });
    expect(await (await open("again")).ids()).toEqual([]);
  });

  it("removes earlier statuses of the person's box, and keeps those from other boxes", async () => {
    const { open, backUp, restore } = await stores(closers);
    const store = await open("store");
    // No event of the backup is of the person: the person of a status is known only by its id.
    for (const [box, kind, receivedAt] of [
      ["gate-1", "status", received],
      ["gate-1", "device-sync", received + 1],
      ["gate-2", "status", received],
    ] as const)
      await store.runtime.ingest.boxStatus.put({ box, kind, receivedAt, report: { last: "by-person" } });
    await backUp(store, "old");
    await erasePerson(store.runtime.eraser, "by-person", "gate-1");
    await restore("old", "again", { later: "store" });
    const { runtime } = await open("again", store.token);
    const left = ["gate-1", "gate-2"].flatMap((box) => statusesOf(runtime.folder.database, box));
    expect(left.map(({ box, kind }) => [box, kind])).toEqual([
      ["gate-1", "device-sync"],
      ["gate-2", "status"],
    ]);
  });

  it("revoked keys are revoked again", async () => {
    const { open, restore, store } = await erasedAfterBackup();
    const [key] = await store.runtime.reads.keyAdmin.list();
    await store.runtime.reads.keyAdmin.revoke(key?.id ?? "");
    expect((await restore("old", "again", { later: "store" })).takenOver).toMatchObject({ keys: 1 });
    const again = await open("again", store.token);
    expect(await again.post(passing(9))).toBe(401);
  });

  it.each([
    ["another store", "other", /other is of another store/],
    ["a backup of another store", "of-other", /of-other is of another store/],
    ["a name that was mistyped", "stroe", /there is nothing at .*stroe$/],
    ["an archive", "newer.tar", /newer\.tar is a file, and a backup is a folder: unpack it first/],
  ])("is not read from %s, and the restore is refused before anything is copied", async (_, later, said) => {
    const { open, backUp, place } = await erasedAfterBackup();
    await backUp(await open("other"), "of-other");
    await writeFile(place("newer.tar"), "");
    const onProgress = vi.fn();
    const job = { from: place("old"), data: place("again"), later: place(later), isPartial: false, onProgress };
    await expect(restore(job)).rejects.toThrow(said);
    expect(onProgress).not.toHaveBeenCalled();
    expect([existsSync(place("again")), existsSync(place("again.restoring"))]).toEqual([false, false]);
  });

  it("is not read from a broken store, and the error names the remedy", async () => {
    const { store, restore: restored, place } = await erasedAfterBackup();
    await store.close();
    const file = join(store.path, "gatepost.db");
    const database = new DatabaseSync(file, { readOnly: true });
    const erased = database.prepare("SELECT rootpage AS page FROM sqlite_schema WHERE tbl_name = 'suppressed'").all();
    const [size] = database.prepare("PRAGMA page_size").all();
    database.close();
    const bytes = await readFile(file);
    for (const { page } of erased) bytes[(Number(page) - 1) * Number(size?.["page_size"])] = 0xff;
    await writeFile(file, bytes);
    await expect(restored("old", "again", { later: "store" })).rejects.toThrow(
      /^the database of .*store cannot be read, .*; name a later backup, or restore without --later, and erase and revoke/,
    );
    expect(existsSync(place("again"))).toBe(false);
  });

  it("is not read from a damaged later backup, which may lack erasures", async () => {
    const { restore, backUp, store, place } = await erasedAfterBackup();
    await backUp(store, "newer");
    const name = (await readdir(place("newer"))).find((file) => file.endsWith(".db") && file !== "lock.db") ?? "";
    const bytes = await readFile(join(place("newer"), name));
    // SQLite itself does not look at this byte of its header.
    bytes[80] = 1;
    await writeFile(join(place("newer"), name), bytes);
    await expect(restore("old", "again", { later: "newer" })).rejects.toThrow(/newer is damaged/);
    expect(existsSync(place("again"))).toBe(false);
  });
});

it("a first link that was used after the backup opens nothing after a restore", async () => {
  const { open, backUp, restore } = await stores(closers);
  const store = await open("store");
  const [used, unused] = [newSetupCode(), newSetupCode()];
  const { setupCodes } = store.runtime.reads;
  for (const code of [used, unused]) await setupCodes.add(code);
  await backUp(store, "old");
  expect(await setupCodes.take(used)).toBe(true);
  await restore("old", "again", { later: "store" });
  const again = (await open("again", store.token)).runtime.reads.setupCodes;
  expect([await again.take(used), await again.take(unused)]).toEqual([false, true]);
});

it("a feed position given after the backup is never given again", async () => {
  const { open, backUp, restore } = await stores(closers);
  const store = await open("store");
  await store.pass(1);
  await backUp(store, "copy");
  // Each start of it gives away some places, too.
  for (let starts = 0; starts < 3; starts++) await store.reopen();
  await store.pass(2);
  const { next } = await store.runtime.reads.feed.read(null, 100);
  await restore("copy", "again");
  const again = await open("again", store.token);
  await again.pass(3);
  expect((await again.runtime.reads.feed.read(next, 100)).items).toHaveLength(1);
});
