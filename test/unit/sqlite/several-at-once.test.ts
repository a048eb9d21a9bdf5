import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { enterWalMode, isOfEarlierBuild, migrate, type Schema } from "@gatepost/sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const named = { file: "the file", program: "program", wayOut: "start that build" };
const application = 0x74657374;
const steps = ["CREATE TABLE one (a)", "CREATE TABLE two (a)", "CREATE TABLE three (a)"];
const upTo = (version: number): Schema => ({ application, steps: steps.slice(0, version) });
const newest = upTo(3);

let folder: string;
/** Two connections to one file, as two processes have them. */
let own: DatabaseSync;
let rival: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatepost-several-"));
  own = new DatabaseSync(join(folder, "file.db"));
  rival = new DatabaseSync(join(folder, "file.db"));
});
afterEach(() => {
  vi.restoreAllMocks();
  own.close();
  rival.close();
  rmSync(folder, { recursive: true });
});

/** Has the rival act right before the first statement that `own` executes. */
function beforeFirst(act: () => void): void {
  const exec = own.exec.bind(own);
  vi.spyOn(own, "exec").mockImplementationOnce((sql) => {
    act();
    exec(sql);
  });
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA user_version").get()?.["user_version"];
}

function tablesIn(database: DatabaseSync): unknown[] {
  return database
    .prepare("SELECT name FROM sqlite_schema")
    .all()
    .map(({ name }) => name);
}

describe("a schema that several processes bring up to date at the same moment", () => {
  it.each([0, 1, 2])("takes each step once, from version %i", (from) => {
    if (from > 0) migrate(rival, upTo(from), named);
    beforeFirst(() => migrate(rival, newest, named));
    migrate(own, newest, named);
    expect(versionOf(own)).toBe(3);
    expect(tablesIn(own)).toEqual(["one", "two", "three"]);
  });

  it("stays at a newer version that another program has brought it to", () => {
    migrate(rival, upTo(1), named);
    beforeFirst(() => migrate(rival, newest, named));
    expect(() => migrate(own, upTo(2), named)).toThrow("newer program (schema 3)");
    expect(versionOf(rival)).toBe(3);
  });

  it("is left alone if it is up to date, also while another process writes", () => {
    migrate(own, newest, named);
    rival.exec("BEGIN IMMEDIATE");
    migrate(own, newest, named);
  });
});

describe("a database with rows", () => {
  it("keeps them in a newer schema, whose steps see them", () => {
    migrate(own, upTo(1), named);
    own.exec("INSERT INTO one VALUES (7)");
    migrate(
      own,
      { application, steps: [...upTo(1).steps, "ALTER TABLE one ADD COLUMN b; UPDATE one SET b = a + 1"] },
      named,
    );
    expect(own.prepare("SELECT * FROM one").all()).toEqual([{ a: 7, b: 8 }]);
  });

  it("stays as it was if a step fails", () => {
    migrate(own, upTo(1), named);
    const broken = { application, steps: [...upTo(1).steps, "CREATE TABLE two (a); CREATE TABLE one (a)"] };
    expect(() => migrate(own, broken, named)).toThrow("table one already exists");
    expect([versionOf(rival), tablesIn(rival)]).toEqual([1, ["one"]]);
  });

  it.each([1, 36])("is refused and unchanged if an earlier build wrote its version %i", (version) => {
    own.exec(`CREATE TABLE events (a); PRAGMA user_version = ${version}`);
    expect(isOfEarlierBuild(own, newest)).toBe(true);
    expect(() => migrate(own, newest, named)).toThrow("the file was written by an earlier build: start that build");
    expect([versionOf(rival), tablesIn(rival)]).toEqual([version, ["events"]]);
  });
});

describe("a database that several processes switch to WAL mode", () => {
  /** The rival has the file until `own` waits for it. */
  function letGoWhenWaited(): void {
    const exec = own.exec.bind(own);
    vi.spyOn(own, "exec").mockImplementation((sql) => {
      if (sql.startsWith("BEGIN")) rival.exec("COMMIT");
      exec(sql);
    });
  }

  it.each(["BEGIN IMMEDIATE", "BEGIN; SELECT count(*) FROM sqlite_schema"])("waits for %s", (held) => {
    rival.exec(held);
    letGoWhenWaited();
    enterWalMode(own);
    expect(own.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  });

  it("does not wait for ever", () => {
    rival.exec("BEGIN IMMEDIATE");
    expect(() => enterWalMode(own)).toThrow("database is locked");
  });

  it("gives up if others are always faster", () => {
    const busy = Object.assign(new Error("database is locked"), { errcode: 5 });
    vi.spyOn(own, "exec").mockImplementation((sql) => {
      if (sql.startsWith("PRAGMA")) throw busy;
    });
    expect(() => enterWalMode(own)).toThrow(busy);
  });
});
