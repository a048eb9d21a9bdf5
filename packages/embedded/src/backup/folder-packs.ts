import { existsSync, readdirSync, statSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, syncFolder } from "@gatepost/sqlite";
import { openPlain } from "./bytes.ts";
import { type BackupJob, packsOf } from "./job.ts";
import type { Manifest } from "./manifest.ts";
import { asideName, type Copied, copyPictures, PackFolder, PackSource, packName } from "./packs.ts";
import type { PictureRow, PicturesOf } from "./picture-rows.ts";
import type { PackPart } from "./places.ts";
import { BackupRefused } from "./refused.ts";

/** The size of the pack of each month. */
export type Ends = ReadonlyMap<string, number>;

export function endsOf({ packs }: Manifest): Ends {
  return new Map(packs.map(({ month, bytes }) => [month, bytes]));
}

/** Whether a backup gives this name to a file among its packs. */
export function isPackName(name: string): boolean {
  return /^\d{4}-\d{2}(?:-scenes)?\.(?:pack|aside)$/.test(name);
}

/** Whether a pack is gone, or is shorter than it was. */
export function isShort(to: string, ends: Ends): boolean {
  const sizeOf = (month: string) =>
    statSync(join(to, "pictures", packName(month)), { throwIfNoEntry: false })?.size ?? 0;
  return [...ends].some(([month, end]) => sizeOf(month) < end);
}

/**
 * Throws if a new picture would overwrite one that the store has lost and this backup still has: it may be the only
 * place that has it.
 */
export async function checkLost(to: string, pictures: PicturesOf): Promise<void> {
  await using kept = packsIn(join(to, "pictures"));
  for (const row of overwritten(pictures.lost(), pictures.added())) {
    if ((await kept.read(row)) === null) continue;
    throw new BackupRefused(
      `the store has lost pictures of ${row.month} that ${to} still has, and wrote others in their places; ` +
        "restore them first (put the packs of this backup into pictures/), or begin a new backup in another folder",
    );
  }
}

/** The lost pictures in whose places there are new ones. Both are in the order of their places. */
function* overwritten(lost: Iterable<PictureRow>, added: Iterable<PictureRow>): Iterable<PictureRow> {
  const others = added[Symbol.iterator]();
  let other = others.next();
  for (const row of lost) {
    while (other.done !== true && endsBefore(other.value, row)) other = others.next();
    if (other.done === true) return;
    if (other.value.month === row.month && other.value.position < row.position + row.bytes) yield row;
  }
}

function endsBefore({ month, position, bytes }: PackPart, next: PackPart): boolean {
  return month === next.month ? position + bytes <= next.position : month < next.month;
}

function packsIn(folder: string): PackSource {
  return new PackSource((month) => openPlain(join(folder, packName(month))));
}

/**
 * Writes new pictures, and those that the backup lacks, into its packs. Nothing is written before the ends of the older
 * packs: the previous backup has pictures there, or had some that were erased. Pictures that belong there are set
 * aside.
 *
 * @returns the counts of copied pictures, and of pictures set aside
 */
export async function addPictures(
  { data, to, onProgress }: BackupJob,
  pictures: PicturesOf,
  before: Manifest | null,
): Promise<Copied & { setAside: PictureRow[] }> {
  const folder = join(to, "pictures");
  const older: Ends = before === null ? new Map() : endsOf(before);
  const setAside: PictureRow[] = [];
  const total = pictures.addedSize().pictures;
  const onCopied = (done: number) => onProgress?.({ done, of: total });
  await using from = packsOf(data);
  await using packs = new PackFolder(folder);
  await using aside = new PackFolder(folder, asideName);
  const into = {
    async write(row: PictureRow, bytes: Buffer) {
      if (row.position >= (older.get(row.month) ?? 0)) return packs.write(row, bytes);
      await aside.write(row, bytes);
      setAside.push(row);
    },
  };
  const copied = await copyPictures(rowsToCopy(folder, pictures, before), { from, into, onCopied });
  for (const written of [packs, aside]) await written[Symbol.asyncDispose]();
  syncFolder(folder);
  return { ...copied, setAside };
}

/**
 * The new pictures, and those that the backup should have and lacks: they could not be read the last time, or were
 * overwritten.
 */
async function* rowsToCopy(
  folder: string,
  pictures: PicturesOf,
  before: Manifest | null,
): AsyncGenerator<PictureRow, void> {
  yield* pictures.added();
  if (before === null) return;
  const doubtful = before.isChecked === true ? new Set(before.missing.map(nameOf)) : null;
  if (doubtful?.size === 0) return;
  await using held = packsIn(folder);
  for (const row of pictures.kept())
    if (doubtful?.has(nameOf(row)) !== false && (await held.read(row)) === null) yield row;
}

function nameOf({ month, sha256 }: { month: string; sha256: string }): string {
  return `${month}/${sha256}`;
}

interface Change {
  /** Places whose bytes must be overwritten. */
  erased: Iterable<PackPart>;
  /** Pictures that may have been set aside. */
  setAside: Iterable<PictureRow>;
  ends: Ends;
}

/**
 * Brings the packs of a backup in line with its manifest: overwrites erased pictures, moves pictures that were set
 * aside to their places, and sets the size of each pack. It can be repeated after an interruption.
 */
export async function settlePacks(to: string, { erased, setAside, ends }: Change): Promise<void> {
  const folder = join(to, "pictures");
  {
    await using aside = new PackSource((month) => openPlain(join(folder, asideName(month))));
    await using into = new PackFolder(folder);
    for (const place of erased) if (ends.has(place.month)) await into.erase(place);
    for (const row of setAside) {
      const bytes = await aside.read(row);
      if (bytes !== null) await into.write(row, bytes);
    }
    for (const [month, end] of ends) await into.setSize(month, end);
  }
  await removeOthers(folder, ends);
}

/** Leaves only what the backup needs: removes other packs, and bytes after the ends of packs. */
export async function cutPacks(to: string, ends: Ends): Promise<void> {
  const folder = join(to, "pictures");
  makeFolder(folder);
  await removeOthers(folder, ends);
  await using packs = new PackFolder(folder);
  for (const [month, end] of ends) {
    const pack = join(folder, packName(month));
    if (existsSync(pack) && (await stat(pack)).size > end) await packs.setSize(month, end);
  }
}

async function removeOthers(folder: string, ends: Ends): Promise<void> {
  const wanted = new Set([...ends.keys()].map(packName));
  for (const name of readdirSync(folder)) if (!wanted.has(name)) await rm(join(folder, name));
  syncFolder(folder);
}
