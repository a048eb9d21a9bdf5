import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { lock } from "@gatepost/sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatepost-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const taken = (cause: unknown) => new Error("somebody has it", { cause });

it("gives a file to one holder, and to the next one after its release", () => {
  const file = join(folder, "lock.db");
  const unlock = lock(file, { wait: 0, taken });
  expect(() => lock(file, { wait: 0, taken })).toThrow("somebody has it");
  unlock();
  lock(file, { wait: 0, taken })();
});

it.each(["x", "no database, though as long as the head of one".repeat(90)])(
  "replaces a file that is no database any more",
  (garbage) => {
    const file = join(folder, "lock.db");
    writeFileSync(file, garbage);
    const unlock = lock(file, { wait: 0, taken });
    expect(() => lock(file, { wait: 0, taken })).toThrow("somebody has it");
    unlock();
  },
);

it("is for its owner alone, even if new files are usually open to others", () => {
  const file = join(folder, "lock.db");
  const before = process.umask(0);
  try {
    lock(file, { wait: 0, taken })();
  } finally {
    process.umask(before);
  }
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it("does not report an unusable file as taken", () => {
  expect(() => lock(folder, { wait: 0, taken })).toThrow("unable to open");
});

it("is given to one of several processes, though others read the file meanwhile", () => {
  const file = join(folder, "lock.db");
  using other = new DatabaseSync(file);
  other.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
  const unlock = lock(file, { wait: 0, taken });
  expect(() => other.exec("COMMIT; BEGIN IMMEDIATE")).toThrow("database is locked");
  unlock();
});
