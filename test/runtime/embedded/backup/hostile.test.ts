import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open as openFile, readdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../../support/pictures.ts";
import { openedByTests } from "../temporary.ts";
import { picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();

async function backups() {
  const here = await stores(closers);
  const store = await here.open("store");
  for (const number of [1, 2, 3]) await store.pass(number);
  await here.backUp(store, "copy");
  const inCopy = (name: string) => join(here.place("copy"), name);
  const manifest = async () => JSON.parse(await readFile(inCopy("backup.json"), "utf8"));
  const [pack = ""] = await readdir(inCopy("pictures"));
  return {
    ...here,
    inCopy,
    manifest,
    pack: inCopy(`pictures/${pack}`),
    month: pack.slice(0, 7),
    writeManifest: (content: unknown) => writeFile(inCopy("backup.json"), JSON.stringify(content)),
    async refused(from = "copy") {
      const said = await here.restore(from, "again").then(
        () => "restored",
        (error: Error) => error.message,
      );
      const left = ["again", "again.restoring"].filter((name) => existsSync(here.place(name)));
      expect(left, said).toEqual(said === "restored" ? ["again"] : []);
      expect(said).not.toContain("\n");
      return said;
    },
  };
}

describe("a restore refuses, and leaves no file of,", () => {
  it("a folder that is not empty, and a backup that is not one", async () => {
    const { restore, place, refused } = await backups();
    await expect(restore("copy", "store")).rejects.toThrow(/is not empty/);
    expect(await refused("nowhere")).toMatch(/nothing at/);
    await mkdir(place("empty"));
    expect(await refused("empty")).toMatch(/no complete backup/);
    await writeFile(place("text"), "just a text");
    expect(await refused("text")).toMatch(/text is a file, and a backup is a folder: unpack it first, as `tar -xf /);
  });

  it("a manifest that is cut, of wrong types, too large, or newer", async () => {
    const { inCopy, manifest, writeManifest, refused } = await backups();
    const good = await manifest();
    for (const [change, said] of [
      [{ version: 2 }, /newer Gatepost/],
      [{ packs: [{ month: "../../x", bytes: 1 }] }, /packs\.0\.month/],
      [{ database: { ...good.database, name: "../store/gatepost.db" } }, /database\.name/],
      [{ rules: { ...good.database, name: "/etc/passwd" } }, /rules\.name/],
      [{ store: "0123456789abcdef" }, /another backup/],
      [{ schema: 3 }, /another backup/],
      [{ database: { ...good.database, bytes: 4096 } }, /had 4096 when/],
      [{ database: { ...good.database, sha256: "0".repeat(64) } }, /is damaged/],
      [{ packs: [{ month: "2026-03", bytes: 2 ** 52 }] }, /no room/],
    ] as const) {
      await writeManifest({ ...good, ...change });
      expect(await refused()).toMatch(said);
    }
    await truncate(inCopy("backup.json"), 50);
    expect(await refused()).toMatch(/damaged/);
    await using huge = await openFile(inCopy("backup.json"), "w");
    await huge.truncate(2 ** 34);
    expect(await refused()).toMatch(/too large/);
  });

  it("a database that was cut, changed, or is another", async () => {
    const { inCopy, manifest, writeManifest, refused } = await backups();
    const good = await manifest();
    const file = inCopy(good.database.name);
    const bytes = await readFile(file);
    const put = async (content: Buffer) => {
      await writeFile(file, content);
      await writeManifest({ ...good, database: { ...good.database, bytes: content.length, sha256: sha256(content) } });
      return refused();
    };
    await truncate(file, bytes.length - 4096);
    expect(await refused()).toMatch(/bytes, and had/);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1] = (flipped[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(file, flipped);
    expect(await refused()).toMatch(/is damaged/);
    expect(await put(Buffer.from("no database at all"))).toMatch(/none of Gatepost/);
    expect(await put(bytes.subarray(0, bytes.length - 8 * 4096))).toMatch(/damaged|none of Gatepost/);
    await writeFile(file, bytes);
    const database = new DatabaseSync(file);
    database.exec(
      "PRAGMA journal_mode = DELETE; CREATE TRIGGER worm AFTER INSERT ON events BEGIN DELETE FROM items; END",
    );
    database.close();
    expect(await put(await readFile(file))).toMatch(/unknown object: trigger worm/);
  });

  it.each([
    [
      "DROP TRIGGER reports_go_with_events; CREATE TRIGGER reports_go_with_events AFTER DELETE ON events BEGIN SELECT 1; END",
      /^the database of .*copy has another trigger reports_go_with_events of events than Gatepost makes; use another backup$/,
    ],
    [
      "DROP INDEX events_by_expiry; CREATE INDEX events_by_expiry ON events (expires_at) WHERE is_indexed = 2",
      /another index events_by_expiry of events/,
    ],
    ["DROP TRIGGER audit_is_only_appended_to", /lacks trigger audit_is_only_appended_to of items/],
    ["CREATE VIEW seen_by_me AS SELECT 1", /has an unknown object: view seen_by_me/],
  ])("a database after %s", async (sql, fault) => {
    const { inCopy, manifest, writeManifest, refused } = await backups();
    const good = await manifest();
    const file = inCopy(good.database.name);
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA journal_mode = DELETE; ${sql}`);
    database.close();
    const bytes = await readFile(file);
    await writeManifest({ ...good, database: { ...good.database, bytes: bytes.length, sha256: sha256(bytes) } });
    expect(await refused()).toMatch(fault);
  });

  it("a database with a page that was damaged before the backup", async () => {
    const { inCopy, manifest, writeManifest, refused } = await backups();
    const good = await manifest();
    const file = inCopy(good.database.name);
    const bytes = await readFile(file);
    const database = new DatabaseSync(file, { readOnly: true });
    const [index] = database.prepare("SELECT rootpage AS page FROM sqlite_schema WHERE type = 'index'").all();
    const [size] = database.prepare("PRAGMA page_size").all();
    database.close();
    // Rows are read without this page: only a check of every page finds the damage.
    bytes[(Number(index?.["page"]) - 1) * Number(size?.["page_size"])] = 0xff;
    await writeFile(file, bytes);
    await writeManifest({ ...good, database: { ...good.database, sha256: sha256(bytes) } });
    expect(await refused()).toMatch(/^the database of .*copy is damaged: .*; use another backup$/);
  });

  it.each([
    [
      "a newer Gatepost",
      "user_version = 999",
      999,
      /copy was made by a newer Gatepost \(schema 999\); upgrade this one, then restore$/,
    ],
    [
      "an earlier build",
      "application_id = 0",
      1,
      /copy was made by an earlier build: restore it with that build, and move .* with `gatepost migrate`$/,
    ],
  ])("a backup that %s made, without blaming the data folder", async (_, changed, schema, why) => {
    const { inCopy, manifest, writeManifest, refused } = await backups();
    const good = await manifest();
    const file = inCopy(good.database.name);
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA journal_mode = DELETE; PRAGMA ${changed}`);
    database.close();
    const bytes = await readFile(file);
    const digested = { ...good.database, bytes: bytes.length, sha256: sha256(bytes) };
    await writeManifest({ ...good, schema, database: digested });
    expect(await refused()).toMatch(why);
  });

  it.each([
    ["UPDATE pictures SET month = '../../../../tmp/x'", /place of a picture is not as/],
    ["UPDATE pictures SET bytes = 1e15", /place of a picture is not as/],
    ["UPDATE pictures SET position = -5000", /place of a picture is not as/],
    ["UPDATE pictures SET position = 1000000000000", /3 pictures are missing from the backup or damaged in it/],
    ["UPDATE pictures SET sha256 = replace(sha256, 'a', 'b')", /missing from the backup or damaged in it/],
  ])("a database with wrong rows: %s", async (sql, said) => {
    const { inCopy, manifest, writeManifest, refused } = await backups();
    const good = await manifest();
    const file = inCopy(good.database.name);
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA journal_mode = DELETE; PRAGMA foreign_keys = OFF; ${sql}; PRAGMA journal_mode = WAL`);
    database.close();
    const content = await readFile(file);
    await writeManifest({ ...good, database: { ...good.database, bytes: content.length, sha256: sha256(content) } });
    expect(await refused()).toMatch(said);
  });

  it("symbolic links", async () => {
    const { inCopy, manifest, pack, place, refused } = await backups();
    const good = await manifest();
    for (const path of [pack, inCopy(good.database.name), inCopy("backup.json")]) {
      await rename(path, place("elsewhere"));
      await symlink(place("elsewhere"), path);
      expect(await refused()).toMatch(/symbolic link/);
      await rm(path);
      await rename(place("elsewhere"), path);
    }
    await rename(inCopy("pictures"), place("pictures"));
    await symlink(place("pictures"), inCopy("pictures"));
    expect(await refused()).toMatch(/symbolic link/);
  });

  it("packs that were cut or changed; --partial restores the rest", async () => {
    const { pack, month, restore, open, refused } = await backups();
    const bytes = await readFile(pack);
    await truncate(pack, bytes.length - 10);
    expect(await refused()).toBe(
      `1 picture is missing from the backup or damaged in it (${month}.pack: 1); ` +
        "use another backup, or restore the rest with --partial",
    );
    bytes[50] = 0;
    await writeFile(pack, bytes.subarray(0, bytes.length - 10));
    expect(await refused()).toMatch(/^2 pictures/);
    const { missing, pictures } = await restore("copy", "part", { isPartial: true });
    expect([missing.length, pictures]).toEqual([2, 1]);
    expect(await picturesIn((await open("part")).runtime)).toHaveLength(1);
    await rm(pack);
    expect(await refused()).toMatch(/^3 pictures/);
  });
});

it("a backup that tar packed is restored from the unpacked folder, also an archive of an earlier version", async () => {
  const { inCopy, manifest, writeManifest, place, restore, open } = await backups();
  const good = await manifest();
  const packed = async (name: string) => {
    await mkdir(place(name));
    execFileSync("tar", ["-cf", place(`${name}.tar`), "-C", place("copy"), "."]);
    execFileSync("tar", ["-xf", place(`${name}.tar`), "-C", place(name)]);
  };
  await packed("packed");
  await rename(inCopy(good.database.name), inCopy("gatepost.db"));
  await writeManifest({ ...good, database: { ...good.database, name: "gatepost.db" }, isChecked: undefined });
  await packed("earlier");
  for (const from of ["packed", "earlier"]) {
    expect(await restore(from, `of-${from}`, { later: from })).toMatchObject({ pictures: 3, missing: [] });
    expect(await picturesIn((await open(`of-${from}`)).runtime)).toHaveLength(3);
  }
});
