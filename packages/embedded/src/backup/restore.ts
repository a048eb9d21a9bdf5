import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { instantOrNull, plural } from "@gatepost/protocol";
import { isOfEarlierBuild, lock, makeFolder, syncFolder } from "@gatepost/sqlite";
import { openDatabase } from "../db/database.ts";
import { newestVersion, schema } from "../db/schema.ts";
import { OtherSchema } from "../db/schema-check.ts";
import { skipRestored } from "../events/sequence.ts";
import { FactorKeyFile } from "../factors/key-file.ts";
import { peopleOfLostCodes } from "../factors/lost-codes.ts";
import { eraseAgain, ofAnotherStore, storeOfLater, type TakenOver } from "./again.ts";
import { copyInto } from "./bytes.ts";
import { checkRoom } from "./job.ts";
import { PackFolder, packName } from "./packs.ts";
import { type PictureRow, PicturesOf } from "./picture-rows.ts";
import { BackupRefused } from "./refused.ts";
import { checkEmpty, makePart, putInPlace, removeRemains, underWay } from "./restoring.ts";
import type { ShipStore } from "./ship/bucket.ts";
import { openBucket } from "./ship/bucket-source.ts";
import { writeShipped } from "./ship/shipped.ts";
import { checkPages, countOf, openCopy, schemaOf, storeOf } from "./snapshot.ts";
import { type BackupSource, openBackup, picturesOf } from "./source.ts";

export interface RestoreJob {
  /**
   * The folder of a backup; or a bucket that was shipped to, as it was at a time (ms since 1970; null: the last).
   */
  from: string | { bucket: ShipStore; at: number | null };
  /** The data folder to make. It must not exist, or be empty. */
  data: string;
  /**
   * The last state of the data folder, or a later backup: its later erasures and revoked keys also take effect in the
   * restored folder. A bucket also knows those that were shipped to it.
   */
  later: string | null;
  /**
   * Restores also if the backup lacks pictures, or if a bucket cannot say which data was erased after the chosen time.
   */
  isPartial: boolean;
  onProgress?(progress: { done: number; of: number }): void;
}

export interface Restored {
  /** Everything that was acknowledged before this time is restored. */
  madeAt: string;
  events: number;
  pictures: number;
  quarantine: number;
  /** Accounts whose codes cannot be used, because the key of their seeds is in no backup. */
  lostCodes: number;
  /** Their e-mail addresses or ids, as many as of missing pictures. */
  lostCodesOf: string[];
  /** Accounts that sign in by the company, if its settings are in no backup: they were `oidc.json`. */
  lostCompany: number;
  /** Pictures that events name and that are missing. */
  missing: { month: string; sha256: string }[];
  /** The erasures and revocations repeated from the later store; null if none was named. */
  takenOver: TakenOver | null;
  /** The time from which erasures are unknown, if the end of a bucket cannot be read and no later store was named. */
  unknownAfter: string | null;
}

/** Most missing pictures that the result names. */
const maxNamed = 1000;

/**
 * Makes a data folder of a backup. It appears complete, or not at all: until then it is called `DIR.restoring`, or
 * `DIR/.restoring` if DIR exists. Throws BackupRefused if the backup is inconsistent.
 */
export async function restore(job: RestoreJob): Promise<Restored> {
  checkEmpty(job.data);
  const laterStore = job.later === null ? null : await storeOfLater(job.later);
  await removeRemains(job.data);
  const part = makePart(job.data);
  try {
    const { later: ofBucket, unknownAfter, ...restored } = await restoreAlone(part, job, laterStore);
    // From here on the runtime opens the folder.
    let takenOver: TakenOver | null = null;
    for (const later of [ofBucket, job.later]) {
      if (later !== null) takenOver = sumOf(takenOver, await eraseAgain(part, later));
    }
    for (const name of ["last.db", "shipped.db"]) await rm(join(part, name), { force: true });
    await putInPlace(part, job.data);
    return { ...restored, takenOver, unknownAfter: job.later === null ? unknownAfter : null };
  } catch (error) {
    await removeRemains(job.data);
    throw error;
  }
}

function sumOf(before: TakenOver | null, more: TakenOver): TakenOver {
  if (before === null) return more;
  return {
    erasures: before.erasures + more.erasures,
    events: before.events + more.events,
    keys: before.keys + more.keys,
  };
}

type Done = Omit<Restored, "takenOver" | "unknownAfter">;

interface FromSource extends Done, Pick<Restored, "unknownAfter"> {
  /** The database with the later erasures that the bucket knows. */
  later: { database: string } | null;
}

async function restoreAlone(part: string, job: RestoreJob, laterStore: string | null): Promise<FromSource> {
  const unlock = lock(join(part, "lock.db"), { wait: 0, taken: (cause) => underWay(job.data, cause) });
  try {
    if (typeof job.from === "string") {
      const source = await openBackup(job.from);
      checkLater(source, job.later, laterStore);
      return { ...(await restoreInto(part, source, job)), later: null, unknownAfter: null };
    }
    const { bucket, at } = job.from;
    const mayLackErasures = job.isPartial || job.later !== null;
    const source = await openBucket(bucket, { folder: part, at, mayLackErasures, mayLackRules: job.isPartial });
    checkLater(source, job.later, laterStore);
    const restored = await restoreInto(part, source, job);
    // The store that continues this history may ship to the same place.
    if (source.shipped !== null) await writeShipped(part, source.shipped);
    return {
      ...restored,
      later: source.later === null ? null : { database: source.later },
      unknownAfter: instantOrNull(source.unknownAfter),
    };
  } finally {
    unlock();
  }
}

function checkLater({ manifest }: BackupSource, later: string | null, store: string | null): void {
  if (later !== null && store !== manifest.store) throw ofAnotherStore(later);
}

async function restoreInto(part: string, source: BackupSource, job: RestoreJob): Promise<Done> {
  const { manifest } = source;
  const bytes = manifest.packs.reduce((sum, pack) => sum + pack.bytes, 2 * manifest.database.bytes);
  checkRoom(part, bytes);
  const file = join(part, "gatepost.db");
  await copyDigested(source, manifest.database, file);
  if (manifest.rules !== null) await copyDigested(source, manifest.rules, join(part, "rules.json"));
  const place = typeof job.from === "string" ? job.from : job.from.bucket.name;
  checkCopy(file, source, place);
  using database = openUpgraded(file, place);
  const packs = join(part, "pictures");
  makeFolder(packs);
  const missing = await restorePictures(database, { source, packs, job });
  skipRestored(database);
  const counts = { events: countOf(database, "events"), quarantine: countOf(database, "quarantine") };
  const people = await peopleOfLostCodes(database, new FactorKeyFile(part));
  const lostCompany = accountsOfLostCompany(database);
  database.close();
  syncFolder(packs);
  const pictures = manifest.pictures - missing.length;
  const lost = { lostCodes: people.length, lostCodesOf: people.slice(0, maxNamed), lostCompany };
  return { madeAt: manifest.madeAt, ...counts, ...lost, pictures, missing: missing.slice(0, maxNamed) };
}

/** The accounts of people of the company, if the console has no settings of its sign-in. */
function accountsOfLostCompany(database: DatabaseSync): number {
  const ofCompany = "pk > 'acc_' AND pk < 'acc`' AND item ->> 'issuer' IS NOT NULL AND item ->> 'removedAt' IS NULL";
  return countOf(database, `items WHERE ${ofCompany} AND NOT EXISTS (SELECT 1 FROM items WHERE pk = 'company')`);
}

/** Opens the copied database by the schema of this version. */
function openUpgraded(file: string, place: string): DatabaseSync {
  try {
    return openDatabase(file);
  } catch (cause) {
    if (!(cause instanceof OtherSchema)) throw cause;
    throw new BackupRefused(`the database of ${place} ${cause.difference}; use another backup`, { cause });
  }
}

async function copyDigested(
  source: BackupSource,
  { name, bytes, sha256 }: { name: string; bytes: number; sha256: string },
  to: string,
): Promise<void> {
  await using file = await source.open(name);
  if (file === null) throw new BackupRefused(`the backup lacks ${name}; use another backup`);
  if (file.size !== bytes)
    throw new BackupRefused(`${name} of the backup has ${file.size} bytes, and had ${bytes} when it was made`);
  if ((await copyInto(to, file)).sha256 !== sha256)
    throw new BackupRefused(`${name} of the backup is damaged: its bytes are not those that were written`);
}

/** Compares the database with its manifest before it is used. */
function checkCopy(file: string, { manifest }: BackupSource, place: string): void {
  using copy = openCopy(file);
  try {
    if (isOfEarlierBuild(copy, schema))
      throw new BackupRefused(
        `${place} was made by an earlier build: restore it with that build, and move its data from there with \`gatepost migrate\``,
      );
    checkPages(copy, place);
    const version = schemaOf(copy);
    if (storeOf(copy) !== manifest.store || version !== manifest.schema)
      throw new BackupRefused(`the database of ${place} is of another backup than its manifest`);
    if (version <= newestVersion) return;
    throw new BackupRefused(
      `${place} was made by a newer Gatepost (schema ${version}); upgrade this one, then restore`,
    );
  } catch (cause) {
    if (cause instanceof BackupRefused) throw cause;
    throw new BackupRefused(`the database of ${place} is none of Gatepost; use another backup`, { cause });
  }
}

/** Copies every picture that the backup has. The others are marked as lost, so that their events say so. */
async function restorePictures(
  database: DatabaseSync,
  { source, packs, job }: { source: BackupSource; packs: string; job: RestoreJob },
): Promise<{ month: string; sha256: string }[]> {
  const pictures = new PicturesOf(database);
  await using from = picturesOf(source);
  await using into = new PackFolder(packs);
  const known = new Set(source.manifest.missing.map(nameOf));
  const missing: PictureRow[] = [];
  const found: PictureRow[] = [];
  let done = 0;
  for (const row of pictures.named()) {
    const data = await from.read(row);
    if (data === null) missing.push(row);
    else {
      await into.write(row, data);
      found.push(row);
    }
    done += 1;
    job.onProgress?.({ done, of: source.manifest.pictures });
  }
  const lost = new Set([...pictures.lost()].map(nameOf));
  const unknown = missing.filter((row) => !known.has(nameOf(row)) && !lost.has(nameOf(row)));
  if (unknown.length > 0 && !job.isPartial) throw new BackupRefused(sayMissing(unknown));
  mark(database, { lost: missing, found: found.filter((row) => lost.has(nameOf(row))) });
  return missing.map(({ month, sha256 }) => ({ month, sha256 }));
}

function nameOf({ month, sha256 }: { month: string; sha256: string }): string {
  return `${month}/${sha256}`;
}

function sayMissing(missing: readonly PictureRow[]): string {
  const counts = Map.groupBy(missing, ({ month }) => month);
  const byMonth = [...counts].map(([month, rows]) => `${packName(month)}: ${rows.length}`).join(", ");
  return (
    `${plural(missing.length, "picture is", "pictures are")} missing from the backup or damaged in it (${byMonth}); ` +
    "use another backup, or restore the rest with --partial"
  );
}

/**
 * The place of a lost picture is kept, in case its bytes are brought back. Until then its events say that it is lost.
 */
function mark(database: DatabaseSync, { lost, found }: { lost: readonly PictureRow[]; found: readonly PictureRow[] }) {
  const set = database.prepare("UPDATE pictures SET lost = ? WHERE month = ? AND sha256 = ?");
  database.exec("BEGIN IMMEDIATE");
  for (const { month, sha256 } of lost) set.run("damaged", month, sha256);
  for (const { month, sha256 } of found) set.run(null, month, sha256);
  database.exec("COMMIT");
}
