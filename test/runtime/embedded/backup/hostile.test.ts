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
  await here.backUp(store, "copy.tar");
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
    expect(await refused("text")).toMatch(/ends too early/);
    await writeFile(place("zeros"), Buffer.alloc(4096));
    expect(await refused("zeros")).toMatch(/no complete backup/);
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

describe("a restore of an archive refuses", () => {
  const nameAt = 0;
  const typeAt = 156;

  /** Changes the first header of an archive, and its sum with it. */
  async function withHeader(file: string, change: (header: Buffer) => void) {
    const bytes = await readFile(file);
    const header = bytes.subarray(0, 512);
    change(header);
    header.fill(0x20, 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
    await writeFile(file, bytes);
  }

  it.each([
    ["a path out of it", (header: Buffer) => header.write("../../gatepost.db\0", nameAt)],
    ["an absolute path", (header: Buffer) => header.write("/etc/gatepost\0", nameAt)],
    ["a symbolic link", (header: Buffer) => header.write("2", typeAt)],
    ["a hard link", (header: Buffer) => header.write("1", typeAt)],
    ["a device", (header: Buffer) => header.write("3", typeAt)],
    ["a sparse file", (header: Buffer) => header.write("S", typeAt)],
  ])("%s", async (_, change) => {
    const { place, refused } = await backups();
    await withHeader(place("copy.tar"), change);
    expect(await refused("copy.tar")).toMatch(/no file of a backup/);
  });

  it.each([
    [
      "of more bytes than there are",
      (header: Buffer) => header.write("77777777777\0", 124),
      /ends within gatepost\.db/,
    ],
    ["of a size that is none", (header: Buffer) => header.write("zzz\0", 124), /the size of gatepost\.db is none/],
    ["of another name", (header: Buffer) => header.write("other.db\0\0\0\0", nameAt), /lacks gatepost\.db/],
    ["of a name that another has", (header: Buffer) => header.write("backup.json\0", nameAt), /two members/],
    ["in a folder that its header names apart", (header: Buffer) => header.write("other", 345), /lacks gatepost\.db/],
    [
      "of a size beyond eight bytes",
      (header: Buffer) => header.write("80000001000000000000000a", 124, "hex"),
      /the size of gatepost\.db is none/,
    ],
  ])("a member %s", async (_, change, said) => {
    const { place, refused } = await backups();
    await withHeader(place("copy.tar"), (header) => void change(header));
    expect(await refused("copy.tar")).toMatch(said);
  });

  it("an archive that was cut anywhere, or has a wrong sum", async () => {
    const { place, refused } = await backups();
    const bytes = await readFile(place("copy.tar"));
    for (const length of [100, 512, 700, 4096, bytes.length - 3000, bytes.length - 1024]) {
      await writeFile(place("cut.tar"), bytes.subarray(0, length));
      expect(await refused("cut.tar")).toMatch(/ends (too early|within)/);
    }
    bytes[5] = 0x41;
    await writeFile(place("cut.tar"), bytes);
    expect(await refused("cut.tar")).toMatch(/no tar archive/);
  });

  it("no backup that tar itself packed", async () => {
    const { place, restore, open } = await backups();
    await mkdir(place("unpacked"));
    execFileSync("tar", ["-xf", place("copy.tar"), "-C", place("unpacked")]);
    const names = (await readdir(place("unpacked"))).sort();
    expect(names).toEqual(["backup.json", "gatepost.db", "pictures"]);
    execFileSync("tar", [
      "-cf",
      place("packed.tar"),
      "--format=ustar",
      "-C",
      place("unpacked"),
      "backup.json",
      "gatepost.db",
      ...(await readdir(place("unpacked/pictures"))).map((name) => `pictures/${name}`),
    ]);
    for (const from of ["unpacked", "packed.tar"]) {
      await restore(from, `of-${from}`);
      expect(await picturesIn((await open(`of-${from}`)).runtime)).toHaveLength(3);
    }
  });
});
