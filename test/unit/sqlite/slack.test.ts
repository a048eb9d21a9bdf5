import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

/** Has rows of some people come, grow and go. Returns the names of who has gone. */
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

it("what SQLite leaves of deleted rows in unused parts of pages is found and overwritten, and nothing else", async () => {
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
