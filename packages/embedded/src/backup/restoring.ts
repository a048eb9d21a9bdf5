import { chmodSync, existsSync, readdirSync } from "node:fs";
import { rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { lock, makeFolder, syncFolder } from "@gatepost/sqlite";
import { BackupRefused } from "./refused.ts";

/** What a restore puts into a data folder, or needs while it works. */
const ours =
  /^(?:gatepost|lock|later|last|shipped)\.db(?:-wal|-shm|-journal)?$|^shipped-[\d-]+\.pack$|^(?:pictures|rules\.json|reserve|shipped\.json(?:\.part)?)$/;

/** Without it a folder is no store. So it is moved last. */
const database = "gatepost.db";

const beside = (data: string) => `${data}.restoring`;
const inside = (data: string) => join(data, ".restoring");

/** Whether a restore into a folder that was there has ended before it was done. */
function isCutShort(data: string): boolean {
  return existsSync(inside(data)) && !existsSync(join(data, database));
}

/** What is in a folder. A disk of its own has the folder of the file system's check. */
function namesIn(data: string): string[] {
  return readdirSync(data).filter((name) => name !== "lost+found");
}

/** Throws BackupRefused for a folder in which something is, unless a restore that was cut short has left it. */
export function checkEmpty(data: string): void {
  if (!existsSync(data) || namesIn(data).length === 0 || isCutShort(data)) return;
  throw new BackupRefused(
    `${data} is not empty: a restore overwrites nothing; move what is there away, and name it with --later`,
  );
}

/**
 * Throws BackupRefused for a folder into which a restore that was cut short, or is under way, is to put a store: a new
 * one that began there meanwhile would be in its place, with other keys.
 */
export function checkRestored(data: string): void {
  const isBeside = existsSync(beside(data)) && !existsSync(join(data, database));
  if (!isCutShort(data) && !isBeside) return;
  const todo = isBeside ? `remove ${beside(data)}` : "empty the folder";
  throw new BackupRefused(
    `a restore into ${data} is under way or was cut short: let it end, or begin it again; to do without it, ${todo}`,
  );
}

/**
 * The folder in which a restore is put together. It is in the data folder where that is there already: it may be a disk
 * of its own, or in a folder that belongs to another user.
 */
export function makePart(data: string): string {
  if (!existsSync(data)) {
    makeFolder(beside(data));
    return beside(data);
  }
  chmodSync(data, 0o700);
  makeFolder(inside(data));
  return inside(data);
}

/** Makes the data folder of what was put together. */
export async function putInPlace(part: string, data: string): Promise<void> {
  if (part === beside(data)) {
    await rename(part, data);
    return syncFolder(dirname(data));
  }
  const others = readdirSync(part).filter((name) => name !== database);
  for (const name of others) await rename(join(part, name), join(data, name));
  syncFolder(data);
  await rename(join(part, database), join(data, database));
  await rmdir(part);
  syncFolder(data);
}

/** Removes what a restore that was cut short has left. */
export async function removeRemains(data: string): Promise<void> {
  await removePart(beside(data));
  if (!isCutShort(data)) return;
  checkOurs(inside(data));
  const moved = namesIn(data).filter((name) => join(data, name) !== inside(data));
  checkNames(data, moved);
  for (const name of moved) await rm(join(data, name), { recursive: true });
  // Last, since it tells what the others are.
  await removePart(inside(data));
}

async function removePart(part: string): Promise<void> {
  if (!existsSync(part)) return;
  checkOurs(part);
  await rm(part, { recursive: true });
}

/** Throws BackupRefused where a restore works in it, or other files are in it. */
function checkOurs(part: string): void {
  if (existsSync(join(part, "lock.db"))) lock(join(part, "lock.db"), { wait: 0, taken: (c) => underWay(part, c) })();
  checkNames(part, readdirSync(part));
}

function checkNames(folder: string, names: readonly string[]): void {
  const other = names.find((name) => !ours.test(name));
  if (other !== undefined) throw new BackupRefused(`${folder} has other files in it (${other}); move them away`);
}

export function underWay(data: string, cause: unknown): BackupRefused {
  return new BackupRefused(`another restore into ${data} is under way`, { cause });
}
