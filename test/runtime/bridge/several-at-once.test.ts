import fs, { mkdtempSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Progress, Spool } from "@gatepost/bridge";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { OrderSpool } from "../../../packages/bridge/src/acting/order-spool.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatepost-several-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true });
});

const limits = { maxBytes: 1e9, maxAge: 1e9 };

it.each([
  ["of reports", (file: string) => new Spool(file, limits, Date.now)],
  ["of orders", (file: string) => new OrderSpool(file, Date.now)],
])("a new spool %s opens while another program writes to its file", async (_, open) => {
  const file = join(folder, "spool.db");
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const { exec } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function (this: DatabaseSync, sql) {
    // The other program ends as soon as the spool waits for it.
    if (sql.startsWith("BEGIN EXCLUSIVE")) other.close();
    exec.call(this, sql);
  });
  await open(file).close();
  expect(other.isOpen).toBe(false);
});

it("two backfills of one span may note their progress at the same time", () => {
  const file = join(folder, "progress.json");
  const { writeFileSync } = fs;
  const write = vi.spyOn(fs, "writeFileSync").mockImplementationOnce((...args) => {
    writeFileSync(...args);
    syncBuiltinESMExports();
    new Progress(file).write(2);
  });
  syncBuiltinESMExports();
  new Progress(file).write(1);
  expect(write).toHaveBeenCalledTimes(2);
  expect(new Progress(file).read()).toBe(1);
  expect(fs.readdirSync(folder)).toEqual(["progress.json"]);
});
