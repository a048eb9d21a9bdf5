import { createHash, randomBytes } from "node:crypto";
import { lstatSync, readdirSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lock, makeFolder, syncFolder } from "@gatepost/sqlite";
import { blocksOf, fileDigest, openPlain } from "./bytes.ts";
import {
  type BackupJob,
  type BackupMade,
  checkRoom,
  checkStored,
  factsOf,
  fileSize,
  packsOf,
  rulesOf,
  sortMissing,
} from "./job.ts";
import { type Manifest, manifestName } from "./manifest.ts";
import { type PackSource, packName } from "./packs.ts";
import { type PictureRow, PicturesOf } from "./picture-rows.ts";
import { BackupRefused, isCode } from "./refused.ts";
import { copyDatabase, openCopy } from "./snapshot.ts";
import { TarWriter } from "./tar.ts";

/** Writes a backup as one tar archive. The file appears complete, or not at all. */
export async function backUpIntoFile(job: BackupJob): Promise<BackupMade> {
  const { to } = job;
  if (lstatSync(to, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new BackupRefused(`${to} is a folder; name a file that ends with .tar, or a folder that does not`);
  makeFolder(dirname(to));
  const taken = (cause: unknown) => new BackupRefused(`another backup into ${to} is under way`, { cause });
  const lockFile = `${to}.part-lock`;
  const unlock = lock(lockFile, { wait: 0, taken });
  try {
    await removeParts(to);
    return await writeFile(job);
  } finally {
    await rm(lockFile, { force: true });
    unlock();
  }
}

async function writeFile(job: BackupJob): Promise<BackupMade> {
  const { to, clock } = job;
  // A random name: even if two processes hold the lock because its file was removed, each renames only its own file.
  const part = `${to}.${randomBytes(6).toString("hex")}.part`;
  const copy = `${part}-db`;
  try {
    const madeAt = new Date(clock()).toISOString();
    checkRoom(to, await fileSize(join(job.data, "gatepost.db")));
    await copyDatabase(join(job.data, "gatepost.db"), copy);
    const made = await writeArchive(job, { part, copy, madeAt });
    await rename(part, to).catch((cause: unknown) => {
      if (!isCode(cause, "ENOENT")) throw cause;
      throw new BackupRefused(`${to} was removed while it was being written; make the backup again`, { cause });
    });
    syncFolder(dirname(to));
    return made;
  } finally {
    for (const path of [part, copy]) await rm(path, { force: true });
  }
}

/** Removes files of backups that were interrupted. */
async function removeParts(to: string): Promise<void> {
  const [folder, name] = [dirname(to), basename(to)];
  for (const other of readdirSync(folder)) {
    const isPart =
      other.startsWith(name) && /^\.(?:[0-9a-f]{12}\.)?part(?:-db(?:-journal)?)?$/.test(other.slice(name.length));
    if (isPart) await rm(join(folder, other), { force: true });
  }
}

async function writeArchive(
  job: BackupJob,
  { part, copy, madeAt }: { part: string; copy: string; madeAt: string },
): Promise<BackupMade> {
  using database = openCopy(copy);
  checkStored(database, job.data);
  const pictures = new PicturesOf(database);
  const ends = pictures.ends();
  const facts = factsOf(database);
  checkRoom(
    part,
    [...ends.values()].reduce((sum, end) => sum + end, await fileSize(copy)),
  );
  await using file = await open(part, "wx", 0o600);
  const tar = new TarWriter(file, job.clock());
  const digest = await addDatabase(tar, copy);
  const rules = await addRules(tar, job.data);
  await using packs = packsOf(job.data);
  const added = await addPacks(tar, { rows: pictures.held(), ends, packs, job, of: facts.pictures });
  const sorted = sortMissing(job.data, added.missing);
  const manifest: Manifest = {
    format: "gatepost-backup",
    version: 1,
    madeAt,
    state: "whole",
    ...facts,
    database: { name: "gatepost.db", ...digest },
    rules,
    packs: [...ends].map(([month, bytes]) => ({ month, bytes })),
    missing: added.missing.map(({ month, sha256 }) => ({ month, sha256 })),
  };
  const text = Buffer.from(JSON.stringify(manifest));
  await tar.begin(manifestName, text.length);
  await tar.write(text);
  await tar.end();
  await file.sync();
  const copied = { pictures: added.pictures, bytes: added.bytes };
  return { madeAt, events: facts.events, pictures: facts.pictures, copied, ...sorted };
}

async function addDatabase(tar: TarWriter, copy: string) {
  await using bytes = await openPlain(copy);
  if (bytes === null) throw new Error("the copy of the database is gone");
  const digest = await fileDigest(bytes);
  await tar.begin("gatepost.db", bytes.size);
  for await (const block of blocksOf(bytes)) await tar.write(block);
  return digest;
}

async function addRules(tar: TarWriter, data: string): Promise<Manifest["rules"]> {
  const rules = await rulesOf(data);
  if (rules === null) return null;
  await tar.begin("rules.json", rules.length);
  await tar.write(rules);
  return { name: "rules.json", bytes: rules.length, sha256: createHash("sha256").update(rules).digest("hex") };
}

interface Packing {
  rows: Iterable<PictureRow>;
  ends: ReadonlyMap<string, number>;
  packs: PackSource;
  job: BackupJob;
  of: number;
}

/** Writes packs: the pictures in their places, and zeros between them. */
async function addPacks(tar: TarWriter, { rows, ends, packs, job, of }: Packing) {
  const added = { pictures: 0, bytes: 0, missing: [] as PictureRow[] };
  let [month, at] = ["", 0];
  const fillUp = async () => tar.writeZeros((ends.get(month) ?? 0) - at);
  for (const row of rows) {
    if (row.month !== month) {
      await fillUp();
      [month, at] = [row.month, 0];
      await tar.begin(`pictures/${packName(month)}`, ends.get(month) ?? 0);
    }
    const data = row.position < at ? null : await packs.read(row);
    if (data === null) {
      added.missing.push(row);
      continue;
    }
    await tar.writeZeros(row.position - at);
    await tar.write(data);
    at = row.position + row.bytes;
    added.pictures += 1;
    added.bytes += row.bytes;
    job.onProgress?.({ done: added.pictures, of });
  }
  await fillUp();
  return added;
}
