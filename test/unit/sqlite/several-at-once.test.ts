import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { enterWalMode, migrate } from "@gatepost/sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const what = { file: "the file", program: "program" };
const migrations = ["CREATE TABLE one (a)", "CREATE TABLE two (a)", "CREATE TABLE three (a)"];

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

describe("a schema that several processes bring up to date at the same moment", () => {
  it.each([0, 1, 2])("takes each step once, from version %i", (from) => {
    if (from > 0) migrate(rival, migrations.slice(0, from), what);
    beforeFirst(() => migrate(rival, migrations, what));
    migrate(own, migrations, what);
    expect(versionOf(own)).toBe(3);
    expect(own.prepare("SELECT count(*) AS n FROM sqlite_schema").get()).toEqual({ n: 3 });
  });

  it("stays at a newer version that another program has brought it to", () => {
    migrate(rival, migrations.slice(0, 1), what);
    beforeFirst(() => migrate(rival, migrations, what));
    expect(() => migrate(own, migrations.slice(0, 2), what)).toThrow("newer program (schema 3)");
    expect(versionOf(rival)).toBe(3);
  });

  it("is left alone where it is up to date, also while another process writes", () => {
    migrate(own, migrations, what);
    rival.exec("BEGIN IMMEDIATE");
    migrate(own, migrations, what);
  });
});

describe("a database that several processes let write to a log first", () => {
  /** The rival holds the file until `own` waits for it. */
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

  it("gives up where others are always quicker", () => {
    const busy = Object.assign(new Error("database is locked"), { errcode: 5 });
    vi.spyOn(own, "exec").mockImplementation((sql) => {
      if (sql.startsWith("PRAGMA")) throw busy;
    });
    expect(() => enterWalMode(own)).toThrow(busy);
  });
});
