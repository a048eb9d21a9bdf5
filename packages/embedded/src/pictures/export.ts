import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { knownPerson, merge, parseStored, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { openReadable } from "../db/read-only.ts";
import { EventRows } from "../events/row.ts";
import { eventsThatShow } from "../events/shown-pictures.ts";

/** Most bytes of the name of a box or person: file systems allow 255 in all. */
const maxBytes = 60;
/** Characters of the SHA-256 in a name, so that no two pictures have the same name. */
const hashLength = 16;

/**
 * The name of a picture's file, without its ending: time, box, person and kind, as in the event, and the beginning of
 * the picture's SHA-256. Every file system accepts it, also one that ignores case.
 *
 * @param stored the event that shows it, or null
 */
function exportName(sha256: string, stored: StoredEvent | null): string {
  const hash = sha256.slice(0, hashLength);
  if (stored === null) return `no-event_${hash}`;
  const { time, box, person } = merge(stored);
  const who = knownPerson(person) ?? person.type;
  return [time.replaceAll(/[:.]/g, "-"), safe(box.id), safe(who), kindOf(sha256, stored), hash].join("_");
}

function kindOf(sha256: string, { reports }: StoredEvent): string {
  const shown = reports.flatMap(({ pictures = {} }) => Object.entries(pictures));
  return shown.find(([, picture]) => picture.sha256 === sha256)?.[0] ?? "picture";
}

/** Keeps letters and digits of any script, so that no character has a meaning in paths or for a shell. */
function safe(text: string): string {
  let [name, bytes] = ["", 0];
  for (const character of text
    .slice(0, maxBytes)
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    name += character;
  }
  return name;
}

const endings: readonly [start: string, ending: string][] = [
  ["ffd8ff", "jpg"],
  ["89504e47", "png"],
];

const monthRow = z.object({ month: z.string() });
const pictureRow = z.object({ sha256: z.string(), position: z.int(), bytes: z.int() });
const eventRow = z.object({ id: z.string() });

export interface Exported {
  pictures: number;
  /** Pictures that could not be read, with the reasons. */
  failures: { picture: string; reason: string }[];
}

/**
 * Writes every picture of a data folder as a plain file, DIR/<month>/<time>_<box>_<person>_<kind>_<sha256>.jpg or .png,
 * named after the first event that shows it. A picture that cannot be read is skipped. It only reads the data folder,
 * so a server may run on it, and its disk may take no writes. Rejects if a file cannot be written.
 */
export async function exportPictures(data: string, directory: string): Promise<Exported> {
  if (!existsSync(join(data, "gatepost.db")))
    throw new Error(`there is no store in ${data}; name its folder with --data`);
  const database = openReadable(join(data, "gatepost.db"));
  const packs = join(data, "pictures");
  const done: Exported = { pictures: 0, failures: [] };
  try {
    for (const row of database.prepare("SELECT DISTINCT month FROM pictures").all()) {
      const { month } = parseStored(monthRow, row, "a month of pictures");
      await exportMonth(month, { database, packs, directory }, done);
    }
    return done;
  } finally {
    database.close();
  }
}

interface Places {
  database: DatabaseSync;
  packs: string;
  directory: string;
}

async function exportMonth(month: string, { database, packs, directory }: Places, done: Exported): Promise<void> {
  const into = join(directory, month);
  await mkdir(into, { recursive: true, mode: 0o700 });
  const nameOf = namesIn(database);
  const pack = await openPack(join(packs, `${month}.pack`)).catch((error: unknown) => ({ reason: reasonOf(error) }));
  await using _ = "reason" in pack ? null : pack;
  for (const row of database.prepare("SELECT sha256, position, bytes FROM pictures WHERE month = ?").all(month)) {
    const picture = `${month}/${row["sha256"]}`;
    const read =
      "reason" in pack ? pack : await readPicture(row, pack).catch((error: unknown) => ({ reason: reasonOf(error) }));
    if ("reason" in read) {
      done.failures.push({ picture, reason: read.reason });
      continue;
    }
    const name = `${nameOf(month, read.sha256)}.${endingOf(read.data)}`;
    await writeComplete(join(into, name), read.data);
    done.pictures += 1;
  }
}

/** Leaves no part of a picture if the disk is full: it would look like a damaged one. */
async function writeComplete(file: string, data: Buffer): Promise<void> {
  try {
    await writeFile(file, data, { mode: 0o600 });
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Finds the first event that shows a picture; none if its row is broken. */
function namesIn(database: DatabaseSync): (month: string, sha256: string) => string {
  const rows = new EventRows(database);
  const firstEvent = database.prepare(
    `SELECT id FROM pictures CROSS JOIN events ON made IN (${eventsThatShow})
     WHERE month = ? AND sha256 = ? ORDER BY time, made LIMIT 1`,
  );
  const eventOf = (month: string, sha256: string) => {
    const row = firstEvent.get(month, sha256);
    return row === undefined ? null : rows.read(parseStored(eventRow, row, "a picture's event").id);
  };
  return (month, sha256) => {
    try {
      return exportName(sha256, eventOf(month, sha256));
    } catch {
      return exportName(sha256, null);
    }
  };
}

/** Throws an error that says whether the pack is missing or cannot be opened: only a missing one needs a backup. */
async function openPack(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new Error(isMissing ? "its pack is missing" : `its pack cannot be opened: ${reasonOf(cause)}`, { cause });
  }
}

async function readPicture(row: unknown, pack: FileHandle): Promise<{ sha256: string; data: Buffer }> {
  const { sha256, position, bytes } = parseStored(pictureRow, row, "its row");
  const data = Buffer.alloc(bytes);
  const { bytesRead } = await pack.read(data, 0, data.length, position);
  if (bytesRead < data.length) throw new Error("its pack ends before it");
  if (hash("sha256", data) !== sha256) throw new Error("its bytes are damaged");
  return { sha256, data };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function endingOf(data: Buffer): string {
  const start = data.subarray(0, 4).toString("hex");
  return endings.find(([bytes]) => start.startsWith(bytes))?.[1] ?? "bin";
}
