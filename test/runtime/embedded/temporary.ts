import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openRuntime, type Runtime, type RuntimeOptions } from "@gatepost/embedded";
import { afterEach } from "vitest";
import { type After, upkeep } from "../../../packages/embedded/src/runtime/upkeep.ts";

/** A new folder, which `remove` deletes with all its files. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "gatepost-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

let empty: Promise<Buffer> | undefined;

/** The database of an empty store: making its tables takes longer than most tests. */
async function emptyDatabase(): Promise<Buffer> {
  const folder = await temporaryFolder();
  const log = { info() {}, warn() {}, error() {} };
  await (await openRuntime({ data: folder.path, log })).close();
  const database = await readFile(join(folder.path, "gatepost.db"));
  await folder.remove();
  return database;
}

/** Makes an empty folder an empty data folder. */
async function layEmptyStore(folder: string): Promise<void> {
  empty ??= emptyDatabase();
  await writeFile(join(folder, "gatepost.db"), await empty, { mode: 0o600 });
}

/** Makes an empty data folder if there is none yet: a separate store, with other secrets. */
export async function makeEmptyStore(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700, recursive: true });
  await layEmptyStore(path);
  using database = new DatabaseSync(join(path, "gatepost.db"));
  database.exec("UPDATE secrets SET value = randomblob(length(value))");
}

/** A new, empty data folder. */
export async function temporaryDataFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await temporaryFolder();
  await layEmptyStore(folder.path);
  return folder;
}

/** A machine on a new folder. Its log lines are collected instead of printed. */
export async function temporaryRuntime(options: Partial<RuntimeOptions> = {}) {
  const folder = await temporaryDataFolder();
  const logged: { level: string; message: string; facts: unknown }[] = [];
  const collect = (level: string) => (message: string, facts?: unknown) => void logged.push({ level, message, facts });
  const log = { info: collect("info"), warn: collect("warn"), error: collect("error") };
  const runtime = await openRuntime({ data: folder.path, log, ...options });
  return {
    runtime,
    folder: folder.path,
    logged,
    async close() {
      await runtime.close();
      await folder.remove();
    },
  };
}

/** Does the periodic work of a server once, also the work that a start delays. */
export async function tendOnce(runtime: Runtime): Promise<void> {
  let isBegun = false;
  const after: After = (_, work) => {
    if (!isBegun) work();
    return () => {};
  };
  const end = upkeep({ ...runtime, audit: runtime.reads.audit, after });
  isBegun = true;
  await end();
}

/** The resources that the tests of a file open: `closers` run after each test, the last one first. */
export function openedByTests() {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const openRuntimeHere = async (options: Partial<RuntimeOptions> = {}) => {
    const opened = await temporaryRuntime(options);
    closers.push(opened.close);
    return opened;
  };
  return { closers, openRuntimeHere };
}
