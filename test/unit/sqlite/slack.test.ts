import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Slack } from "@gatepost/sqlite";
import { expect, it, onTestFinished } from "vitest";

/** Numbers below 1 that are the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const nameOf = (person: number) => `person-${String(person).padStart(3, "0")}-`;

/** Adds, grows and removes rows of some people. Returns the names of the removed people. */
function lived(database: DatabaseSync, seed: number): string[] {
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON; PRAGMA synchronous = OFF;
    CREATE TABLE rows (id INTEGER PRIMARY KEY, revision INTEGER, text TEXT); CREATE INDEX by_text ON rows (text)`);
  const [insert, update, remove] = [
    database.prepare("INSERT INTO rows VALUES (?, ?, ?)"),
    database.prepare("UPDATE rows SET revision = ? WHERE id = ?"),
    database.prepare("DELETE FROM rows WHERE text GLOB ?"),
  ];
  const next = numbers(seed);
  const any = (below: number) => Math.floor(next() * below);
  const gone = new Set<number>();
  let id = 0;
  for (let round = 0; round < 40; round++) {
    database.exec("BEGIN");
    for (let i = 0; i < 20; i++) {
      id += 1;
      const person = any(12);
      if (!gone.has(person)) insert.run(id, id, nameOf(person) + "x".repeat(60 + any(100)));
    }
    for (let i = 0; i < 6; i++) update.run(2 ** 40 + id, 1 + any(id));
    database.exec("COMMIT");
    if (round % 4 < 3) continue;
    const person = any(12);
    gone.add(person);
    remove.run(`${nameOf(person)}*`);
  }
  return [...gone].map(nameOf);
}

it("remains of deleted rows in unused parts of pages are overwritten, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let before = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const file = join(folder, `${seed}.db`);
    const database = new DatabaseSync(file);
    const gone = lived(database, seed);
    const rows = database.prepare("SELECT * FROM rows").all();
    const slack = new Slack(file);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory");
    before += gone.filter((name) => readFileSync(file).includes(name)).length;
    slack.clear(await slack.find());
    await slack.sync();
    expect(await slack.find()).toEqual([]);
    expect(gone.filter((name) => readFileSync(file).includes(name))).toEqual([]);
    expect(database.prepare("SELECT * FROM rows").all()).toEqual(rows);
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    database.exec("UPDATE rows SET revision = 1");
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    database.close();
    slack.close();
  }
  expect(before).toBeGreaterThan(0);
});

/** The unused range of a page of a table or an index; null for any other page. */
function unusedIn(page: Buffer, isFirst: boolean): [from: number, to: number] | null {
  const start = isFirst ? 100 : 0;
  const headers: Record<number, number> = { 2: 12, 5: 12, 10: 8, 13: 8 };
  const header = headers[page[start] ?? 0];
  if (header === undefined) return null;
  return [start + header + 2 * page.readUInt16BE(start + 3), page.readUInt16BE(start + 5) || 65_536];
}

it.each([
  [512, 600],
  [4096, 600],
  [65_536, 30],
])("every page of a file with pages of %i bytes is searched", async (pageBytes, rows) => {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "some.db");
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA page_size = ${pageBytes}; CREATE TABLE rows (text TEXT); CREATE INDEX by_text ON rows (text)`);
  // Mostly more pages than are read at once, and some room in the last one.
  database.exec(`WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${rows})
    INSERT INTO rows SELECT printf('%0${Math.floor(pageBytes / 3)}d', value) FROM n; CREATE TABLE last (text TEXT); INSERT INTO last VALUES ('x')`);
  database.close();
  const slack = new Slack(file);
  slack.clear(await slack.find());
  const clean = readFileSync(file);
  const littered = Buffer.from(clean);
  const expected: number[] = [];
  for (let at = 0; at < clean.length; at += pageBytes) {
    const unused = unusedIn(clean.subarray(at, at + pageBytes), at === 0);
    if (unused === null || unused[0] === unused[1]) continue;
    littered.fill("x", at + unused[0], at + unused[1]);
    expected.push(at / pageBytes + 1);
  }
  writeFileSync(file, littered);
  expect(expected.length).toBeGreaterThan(rows / 2);
  expect(expected.at(-1)).toBe(clean.length / pageBytes);
  expect(await slack.find()).toEqual(expected);
  slack.clear(Array.from({ length: clean.length / pageBytes + 1 }, (_, at) => at + 1));
  expect(readFileSync(file).equals(clean)).toBe(true);
  await expect(slack.find(AbortSignal.abort())).rejects.toThrow("aborted");
  slack.close();
});
