import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lock } from "@gatepost/sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatepost-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const taken = (cause: unknown) => new Error("somebody has it", { cause });

it("gives a file to one alone, and to the next once it was let go", () => {
  const file = join(folder, "lock.db");
  const unlock = lock(file, { wait: 0, taken });
  expect(() => lock(file, { wait: 0, taken })).toThrow("somebody has it");
  unlock();
  lock(file, { wait: 0, taken })();
});

it("does not call taken what it cannot use", () => {
  const file = join(folder, "lock.db");
  writeFileSync(
    file,
    "no database, but as long as the head of one, which has a hundred bytes and begins otherwise: not so".repeat(20),
  );
  expect(() => lock(file, { wait: 0, taken })).toThrow("not a database");
});
