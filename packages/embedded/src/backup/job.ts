import { existsSync, statfsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openStore } from "../db/read-only.ts";
import { openGrowing, openPlain } from "./bytes.ts";
import { type Manifest, maxMissing, maxRulesBytes } from "./manifest.ts";
import { PackSource, packName } from "./packs.ts";
import { type PictureRow, PicturesOf } from "./picture-rows.ts";
import { BackupRefused } from "./refused.ts";
import { countOf, damageOf, refuseEarlierBuild, schemaOf, storeOf } from "./snapshot.ts";

/** What to back up, and where to. */
export interface BackupJob {
  /** The data folder. A server may run on it. */
  data: string;
  /** The folder to make the backup in. */
  to: string;
  clock(): number;
  onProgress?(progress: { done: number; of: number }): void;
}

/** The result of a backup. */
export interface BackupMade {
  madeAt: string;
  events: number;
  pictures: number;
  /** Pictures that were copied this time, and their bytes. */
  copied: { pictures: number; bytes: number };
  /** Pictures that the store names, and whose bytes are missing or wrong. */
  damaged: number;
  /** Pictures that were erased during the backup. */
  erasedMeanwhile: number;
}

/** What the manifest says about a copy of the database. */
export function factsOf(copy: DatabaseSync): Pick<Manifest, "store" | "schema" | "events" | "pictures"> {
  return {
    store: storeOf(copy),
    schema: schemaOf(copy),
    events: countOf(copy, "events"),
    pictures: countOf(copy, "pictures"),
  };
}

/** Throws if a copy of the database could not be restored: an earlier backup must not give way to it. */
export function checkStored(copy: DatabaseSync, data: string): void {
  refuseEarlierBuild(copy, data);
  const damage = damageOf(copy, { isDeep: false });
  if (damage === null) return;
  throw new BackupRefused(
    `the database of ${data} is damaged: ${damage}; nothing was backed up, and an earlier backup is as it was: ` +
      "restore that into an empty folder",
  );
}

/** The packs of a data folder. They grow while a server runs on it. */
export function packsOf(data: string): PackSource {
  return new PackSource((month) => openGrowing(join(data, "pictures", packName(month))));
}

/** `rules.json` of a data folder, null if there is none. */
export async function rulesOf(data: string): Promise<Buffer | null> {
  await using bytes = await openPlain(join(data, "rules.json"));
  if (bytes === null) return null;
  if (bytes.size > maxRulesBytes) throw new BackupRefused(`${join(data, "rules.json")} is too large to be one`);
  return readFile(join(data, "rules.json"));
}

/** Separates pictures that were erased during the backup from those that are lost. */
export function sortMissing(data: string, missing: readonly PictureRow[]) {
  if (missing.length > maxMissing) {
    throw new BackupRefused(
      `more than ${maxMissing} pictures cannot be read; start Gatepost on ${data} once, which notes those that are lost`,
    );
  }
  if (missing.length === 0) return { damaged: 0, erasedMeanwhile: 0 };
  using live = openStore(join(data, "gatepost.db"));
  const pictures = new PicturesOf(live);
  const damaged = missing.filter(({ month, sha256 }) => pictures.find(month, sha256) !== null).length;
  return { damaged, erasedMeanwhile: missing.length - damaged };
}

/** Throws BackupRefused if a disk has no room for so many bytes. */
export function checkRoom(path: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(existingAbove(resolve(path)));
  if (bavail * bsize >= bytes) return;
  throw new BackupRefused(
    `there is no room for ${inMegabytes(bytes)} at ${path}: ${inMegabytes(bavail * bsize)} are free; make room, or name another disk`,
  );
}

export async function fileSize(path: string): Promise<number> {
  return (await stat(path)).size;
}

function existingAbove(path: string): string {
  return existsSync(path) ? path : existingAbove(dirname(path));
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
