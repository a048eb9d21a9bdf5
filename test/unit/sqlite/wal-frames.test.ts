import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { WalFrames } from "@gatepost/sqlite";
import { afterEach, expect, it } from "vitest";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "gatepost-"));
  closers.push(() => rmSync(path, { recursive: true }));
  return path;
}

function opened(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  closers.push(() => database.isOpen && database.close());
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_spill = ON");
  return database;
}

function followed(file: string): WalFrames {
  const frames = new WalFrames(file);
  closers.push(() => frames.close());
  return frames;
}

/** The bytes that a database has with all of its log, which stays as it is. */
function wholeOf(file: string): Buffer {
  const copy = join(folder(), "copy.db");
  for (const suffix of ["", "-wal"]) writeFileSync(copy + suffix, readFileSync(file + suffix));
  const database = new DatabaseSync(copy);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  return readFileSync(copy);
}

/** A copy of a database from the time when its log was first followed, which takes over all pages since. */
function follower(file: string) {
  let copy = wholeOf(file);
  const frames = followed(file);
  return {
    /** Whether there were new pages. */
    takesOver(): boolean {
      const read = frames.read();
      if (read === null) return false;
      const { pageBytes, pages, count } = read;
      const bytes = count * pageBytes;
      copy = Buffer.concat([copy, Buffer.alloc(Math.max(0, bytes - copy.length))], bytes);
      for (const [page, content] of pages) content.copy(copy, (page - 1) * pageBytes);
      return true;
    },
    hasAll: () => copy.equals(wholeOf(file)),
  };
}

const many = `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 20)
  INSERT INTO filled SELECT value, randomblob(3000) FROM n`;

it("gives the pages of each commit, also from a log that has restarted", () => {
  const file = join(folder(), "a.db");
  const database = opened(file);
  database.exec("CREATE TABLE filled (id INTEGER, content BLOB)");
  const copy = follower(file);
  expect([copy.takesOver(), copy.hasAll()]).toEqual([false, true]);
  const some = "INSERT INTO filled VALUES (0, 'some')";
  const anew = ["PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"];
  // Pages of one log and of several, also with older ones left after its end, and of a file that became shorter.
  for (const change of [many, some, many, ...anew, some, many, "DELETE FROM filled", "VACUUM", some]) {
    database.exec(change);
    expect([change, copy.takesOver(), copy.hasAll()]).toEqual([change, !anew.includes(change), true]);
  }
});

it("gives the pages of several commits at once, in their last state", () => {
  const file = join(folder(), "a.db");
  const database = opened(file);
  database.exec("CREATE TABLE filled (id INTEGER, content BLOB)");
  const copy = follower(file);
  for (const change of [many, "UPDATE filled SET id = 1", "DELETE FROM filled", "VACUUM", many]) database.exec(change);
  expect([copy.takesOver(), copy.hasAll(), copy.takesOver()]).toEqual([true, true, false]);
});

it("gives no page of a transaction before it is committed, and then all of them", () => {
  const file = join(folder(), "a.db");
  const database = opened(file);
  database.exec("CREATE TABLE filled (id INTEGER, content BLOB); PRAGMA cache_size = 2");
  const copy = follower(file);
  database.exec(`BEGIN; ${many}; ${many}`);
  expect(copy.takesOver()).toBe(false);
  database.exec("COMMIT");
  expect([copy.takesOver(), copy.hasAll()]).toEqual([true, true]);
});

it("gives no page of a transaction rolled back after it was partly logged", () => {
  const file = join(folder(), "a.db");
  const database = opened(file);
  database.exec(
    "CREATE TABLE filled (id INTEGER, content BLOB); CREATE TABLE other (id INTEGER); PRAGMA cache_size = 2",
  );
  const copy = follower(file);
  database.exec(`BEGIN; ${many}; ${many}; ROLLBACK`);
  database.exec("INSERT INTO other VALUES (1)");
  expect([copy.takesOver(), copy.hasAll()]).toEqual([true, true]);
});

it("gives no page of a commit that failed after it was logged", async () => {
  const [first, second] = [join(folder(), "a.db"), join(folder(), "b.db")];
  const database = opened(first);
  database.exec("CREATE TABLE filled (id INTEGER, content BLOB); CREATE TABLE other (id INTEGER)");
  for (const suffix of ["", "-wal"]) writeFileSync(second + suffix, readFileSync(first + suffix));
  const { length } = readFileSync(`${first}-wal`);
  database.exec(many);
  const failed = readFileSync(`${first}-wal`).subarray(length);

  const same = opened(second);
  same.exec("SELECT * FROM other");
  const copy = follower(second);
  {
    // As a disk does that reports a failed write although it has written.
    await using log = await open(`${second}-wal`, "r+");
    await log.write(failed, 0, failed.length, length);
  }
  same.exec("INSERT INTO other VALUES (1)");
  expect([copy.takesOver(), copy.hasAll()]).toEqual([true, true]);
});
