import { existsSync } from "node:fs";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { examine, openRuntime, repair } from "@gatepost/embedded";
import { describe, expect, it } from "vitest";
import { stores } from "./backup/store.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers } = openedByTests();
const quiet = { info() {}, warn() {}, error() {} };

async function storeOfPictures() {
  const { open } = await stores(closers);
  const store = await open("store");
  await store.pass(1);
  await store.close();
  const packs = join(store.path, "pictures");
  const [name = ""] = await readdir(packs);
  const pack = join(packs, name);
  return { path: store.path, database: join(store.path, "gatepost.db"), pack, before: await readFile(pack) };
}

const opened = (path: string) => openRuntime({ data: path, log: quiet });
const isGone = /gatepost\.db is gone or empty.*\(pictures\/\): restore a backup.*or move pictures\/ away to begin anew/;

it("a damaged database does not lock its folder, which opens after the repair", async () => {
  const { path, database } = await storeOfPictures();
  const whole = await readFile(database);
  await writeFile(database, Buffer.alloc(whole.length, 1));
  for (const _ of ["once", "again"]) await expect(opened(path)).rejects.toThrow("file is not a database");
  await writeFile(database, whole);
  await (await opened(path)).close();
});

describe("a missing database", () => {
  it.each([
    ["missing", (file: string) => rm(file)],
    ["empty", (file: string) => truncate(file)],
  ])("(%s) is not replaced by a new one, and no picture is touched", async (_, lose) => {
    const { path, database, pack, before } = await storeOfPictures();
    await lose(database);
    const left = existsSync(database);
    await expect(opened(path)).rejects.toThrow(isGone);
    await expect(repair(path)).rejects.toThrow(isGone);
    await expect(examine(path, { isDeep: false })).rejects.toThrow(isGone);
    expect([existsSync(database), await readFile(pack)]).toEqual([left, before]);
  });

  it("is replaced by a new one once its other files are moved away", async () => {
    const { path, database } = await storeOfPictures();
    await rm(database);
    await rm(join(path, "pictures"), { recursive: true });
    await (await opened(path)).close();
    expect(existsSync(database)).toBe(true);
  });

  it.each(["gatepost.db-wal", "reserve"])("is recognized by the file %s, too", async (name) => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    await writeFile(join(path, name), "x", { mode: 0o600 });
    await expect(opened(path)).rejects.toThrow(new RegExp(`are there \\(${name}\\)`));
  });

  it("is no loss if a first start was interrupted", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    await writeFile(join(path, "gatepost.db"), "", { mode: 0o600 });
    await (await opened(path)).close();
  });
});
