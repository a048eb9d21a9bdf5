import { createHash } from "node:crypto";
import { chmodSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { lock, makeFolder, syncFolder } from "@gatepost/sqlite";
import { fileDigest, openPlain, writeAll } from "./bytes.ts";
import { addPictures, checkLost, cutPacks, endsOf, isPackName, isShort, settlePacks } from "./folder-packs.ts";
import {
  type BackupJob,
  type BackupMade,
  checkRoom,
  checkStored,
  factsOf,
  fileSize,
  rulesOf,
  sortMissing,
} from "./job.ts";
import { type Manifest, manifestName, writeManifest } from "./manifest.ts";
import { PicturesOf } from "./picture-rows.ts";
import { gapsBetween } from "./places.ts";
import { BackupRefused } from "./refused.ts";
import { copyDatabase, openCopy } from "./snapshot.ts";
import { openBackup } from "./source.ts";

const lockName = "lock.db";

/**
 * Backs up a data folder into a folder, also while a server runs on it. The backup has everything that was acknowledged
 * before the call. One that is there is brought up to date: only new data is copied, and data erased since is
 * overwritten. After an interruption at any moment, the folder contains the previous backup or the new one. Throws
 * BackupRefused if the backup cannot be made.
 *
 * @example
 * await backUp({ data: ".gatepost", to: "/mnt/backup/gate", clock: Date.now });
 */
export async function backUp(job: BackupJob): Promise<BackupMade> {
  const { to } = job;
  if (to.endsWith(".tar") || lstatSync(to, { throwIfNoEntry: false })?.isFile() === true)
    throw new BackupRefused(
      `${to} would be a file, and a backup is a folder: name a folder; \`tar\` packs it afterwards`,
    );
  makeFolder(to);
  checkOwn(to);
  chmodSync(to, 0o700);
  const taken = (cause: unknown) => new BackupRefused(`another backup into ${to} is under way`, { cause });
  const unlock = lock(join(to, lockName), { wait: 0, taken });
  try {
    chmodSync(join(to, lockName), 0o600);
    const found = await readBefore(to);
    const before = found === null ? null : await finish(to, await doubtShort(to, found));
    await removeLeftovers(to, before);
    return await update(job, before);
  } finally {
    unlock();
  }
}

/** Throws if a folder contains files of anything but a backup: the update would remove them. */
function checkOwn(to: string): void {
  const names = readdirSync(to);
  const others = names.filter((name) => name !== "pictures" && !isOurs(name));
  if (names.includes("pictures")) others.push(...othersInPacks(to, { isBegun: names.some(isOfBackup) }));
  if (others.length === 0) return;
  throw new BackupRefused(
    `${to} has other files in it (${others[0]}); give the backup a folder that contains nothing else`,
  );
}

/** The files among the packs that no backup has put there. */
function othersInPacks(to: string, { isBegun }: { isBegun: boolean }): string[] {
  const folder = join(to, "pictures");
  if (lstatSync(folder).isSymbolicLink())
    throw new BackupRefused(
      `${folder} is a symbolic link, which is not followed; give the backup a folder that is no link`,
    );
  // Without a begun backup, packs in the folder may be the last copy of a store.
  const others = readdirSync(folder).filter((name) => !isBegun || !isPackName(name));
  return others.map((name) => `pictures/${name}`);
}

/** Whether a file shows that its folder is a backup, or that one was begun in it. */
function isOfBackup(name: string): boolean {
  return isOurs(name) && !name.startsWith(lockName);
}

function isOurs(name: string): boolean {
  return /^(?:backup\.json|lock\.db|rules-[0-9a-f]{16}\.json|gatepost-[0-9a-f]{16}\.db)(?:\.part|-journal)?$|^new\.db(?:-journal)?$/.test(
    name,
  );
}

/** The manifest of the present backup; null if there is none. Throws if its database has changed since. */
async function readBefore(to: string): Promise<Manifest | null> {
  if (!existsSync(join(to, manifestName))) return null;
  const source = await openBackup(to);
  const { manifest } = source;
  await using database = await source.open(manifest.database.name);
  if (database !== null && (await fileDigest(database)).sha256 === manifest.database.sha256) return manifest;
  throw new BackupRefused(
    `the backup in ${to} is damaged: its database has changed since it was written; give another folder`,
  );
}

/**
 * If a pack is gone or was cut, the pictures that the backup lacks are unknown: the update compares all of them. This
 * is noted before it makes the pack as long as it was.
 */
async function doubtShort(to: string, before: Manifest): Promise<Manifest> {
  if (before.isChecked === undefined || !isShort(to, endsOf(before))) return before;
  const { isChecked: _, ...doubtful } = before;
  await writeManifest(to, doubtful);
  return doubtful;
}

/**
 * Finishes an interrupted update of a backup. The erasures of that update are no longer known: all bytes that belong to
 * no picture are overwritten.
 */
async function finish(to: string, before: Manifest): Promise<Manifest> {
  if (before.state === "whole") return before;
  using database = openCopy(join(to, before.database.name));
  const pictures = new PicturesOf(database);
  const erased = gapsBetween(pictures.named());
  await settlePacks(to, { erased, setAside: pictures.held(), ends: endsOf(before) });
  const whole: Manifest = { ...before, state: "whole" };
  await writeManifest(to, whole);
  return whole;
}

/** Removes files that an interrupted backup left. */
async function removeLeftovers(to: string, before: Manifest | null): Promise<void> {
  // First packs: as long as there are some, another file shows that a backup was begun here.
  await cutPacks(to, before === null ? new Map() : endsOf(before));
  const kept = [manifestName, lockName, before?.database.name, before?.rules?.name];
  for (const name of readdirSync(to)) if (isOurs(name) && !kept.includes(name)) await rm(join(to, name));
}

async function update(job: BackupJob, before: Manifest | null): Promise<BackupMade> {
  const { data, to, clock } = job;
  const madeAt = new Date(clock()).toISOString();
  let isNew = false;
  try {
    const fresh = await copyStore(data, to);
    using database = openCopy(fresh);
    checkStored(database, data);
    const pictures = new PicturesOf(database, before === null ? null : join(to, before.database.name));
    const { manifest, copied } = await prepare(job, { before, fresh, database, pictures, madeAt });
    const sorted = sortMissing(data, copied.missing);
    isNew = true;
    await writeManifest(to, manifest);
    await settlePacks(to, { erased: pictures.erased(), setAside: copied.setAside, ends: endsOf(manifest) });
    await removeOlder(to, { name: manifest.database.name, rules: manifest.rules });
    await writeManifest(to, { ...manifest, state: "whole" });
    const { events } = manifest;
    const { pictures: newPictures, bytes } = copied;
    return { madeAt, events, pictures: manifest.pictures, copied: { pictures: newPictures, bytes }, ...sorted };
  } catch (error) {
    // A part of a backup would keep a full disk full. The next backup removes files that cannot be removed now.
    if (!isNew) await removeLeftovers(to, before).catch(() => {});
    throw error;
  }
}

async function copyStore(data: string, to: string): Promise<string> {
  const fresh = join(to, "new.db");
  checkRoom(to, await fileSize(join(data, "gatepost.db")));
  await copyDatabase(join(data, "gatepost.db"), fresh);
  return fresh;
}

interface Preparing {
  before: Manifest | null;
  /** The file of the copied database. */
  fresh: string;
  database: DatabaseSync;
  pictures: PicturesOf;
  madeAt: string;
}

/** Puts all of the new backup beside the previous one, and changes nothing of that. */
async function prepare(job: BackupJob, { before, fresh, database, pictures, madeAt }: Preparing) {
  const { data, to } = job;
  const facts = factsOf(database);
  if (before !== null && before.store !== facts.store)
    throw new BackupRefused(`${to} is the backup of another store; give another folder`);
  checkRoom(to, pictures.addedSize().bytes);
  if (before !== null) await checkLost(to, pictures);
  const rules = await copyRules(data, to);
  const copied = await addPictures(job, pictures, before);
  const digest = await digestOfFile(fresh);
  const name = `gatepost-${digest.sha256.slice(0, 16)}.db`;
  await rename(fresh, join(to, name));
  const manifest: Manifest = {
    format: "gatepost-backup",
    version: 1,
    madeAt,
    state: "erasing",
    ...facts,
    database: { name, ...digest },
    rules,
    packs: [...pictures.ends()].map(([month, bytes]) => ({ month, bytes })),
    missing: copied.missing.map(({ month, sha256 }) => ({ month, sha256 })),
    isChecked: true,
  };
  return { manifest, copied };
}

async function copyRules(data: string, to: string): Promise<Manifest["rules"]> {
  const content = await rulesOf(data);
  if (content === null) return null;
  const sha256 = createHash("sha256").update(content).digest("hex");
  const name = `rules-${sha256.slice(0, 16)}.json`;
  const part = join(to, `${name}.part`);
  {
    await using file = await open(part, "w", 0o600);
    await writeAll(file, content, null);
    await file.sync();
  }
  await rename(part, join(to, name));
  return { name, bytes: content.length, sha256 };
}

async function digestOfFile(path: string) {
  await using bytes = await openPlain(path);
  if (bytes === null) throw new Error(`${path} is gone`);
  return await fileDigest(bytes);
}

async function removeOlder(to: string, kept: { name: string; rules: Manifest["rules"] }): Promise<void> {
  const names = [manifestName, lockName, kept.name, kept.rules?.name];
  for (const name of readdirSync(to)) if (isOurs(name) && !names.includes(name)) await rm(join(to, name));
  syncFolder(to);
}
