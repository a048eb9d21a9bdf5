import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type CommittedPages, WalFrames } from "@gatepost/sqlite";
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

/** Whether pages are those that the database has now. */
function areThoseOf(file: string, database: DatabaseSync, { pageBytes, pages, count }: CommittedPages): boolean {
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const whole = readFileSync(file);
  const isThere = [...pages].every(([page, bytes]) =>
    bytes.equals(whole.subarray((page - 1) * pageBytes, page * pageBytes)),
  );
  return isThere && count * pageBytes === whole.length;
}

const many = `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 20)
  INSERT INTO filled SELECT value, randomblob(3000) FROM n`;

it("gives the pages of each commit, also of a log that has begun anew", () => {
  const file = join(folder(), "a.db");
  const database = opened(file);
  database.exec("CREATE TABLE filled (id INTEGER, content BLOB)");
  const frames = followed(file);
  expect(frames.read()).toBeNull();
  for (let round = 0; round < 6; round++) {
    database.exec(many);
    const read = frames.read();
    expect(read !== null && areThoseOf(file, database, read)).toBe(true);
  }
});

it("gives no page of a transaction that was taken back after some of it was in the log", () => {
  const file = join(folder(), "a.db");
  const database = opened(file);
  database.exec(
    "CREATE TABLE filled (id INTEGER, content BLOB); CREATE TABLE other (id INTEGER); PRAGMA cache_size = 2",
  );
  const frames = followed(file);
  database.exec(`BEGIN; ${many}; ${many}; ROLLBACK`);
  database.exec("INSERT INTO other VALUES (1)");
  const read = frames.read();
  expect(read !== null && areThoseOf(file, database, read)).toBe(true);
});

it("gives no page of a commit that failed once it was in the log", async () => {
  const [first, second] = [join(folder(), "a.db"), join(folder(), "b.db")];
  const database = opened(first);
  database.exec("CREATE TABLE filled (id INTEGER, content BLOB); CREATE TABLE other (id INTEGER)");
  for (const suffix of ["", "-wal"]) writeFileSync(second + suffix, readFileSync(first + suffix));
  const { length } = readFileSync(`${first}-wal`);
  database.exec(many);
  const failed = readFileSync(`${first}-wal`).subarray(length);

  const same = opened(second);
  same.exec("SELECT * FROM other");
  const frames = followed(second);
  {
    // As a disk leaves it that says it has not written what it has.
    await using log = await open(`${second}-wal`, "r+");
    await log.write(failed, 0, failed.length, length);
  }
  same.exec("INSERT INTO other VALUES (1)");
  const read = frames.read();
  expect(read !== null && areThoseOf(second, same, read)).toBe(true);
});
