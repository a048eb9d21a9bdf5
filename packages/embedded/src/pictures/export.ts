import { existsSync } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { openDataDir } from "../db/data-dir.ts";

const endings: readonly [start: string, ending: string][] = [
  ["ffd8ff", "jpg"],
  ["89504e47", "png"],
];

const monthRow = z.object({ month: z.string() });
const pictureRow = z.object({ sha256: z.string(), position: z.int(), bytes: z.int() });

type StoredPicture = z.output<typeof pictureRow>;

/**
 * Writes every picture of a data folder as a plain file DIR/<month>/<sha256>.jpg or .png, and returns how many there
 * were. It only reads the data folder, so a server may run on it.
 */
export async function exportPictures(data: string, directory: string): Promise<number> {
  if (!existsSync(join(data, "gatepost.db")))
    throw new Error(`there is no store in ${data}; name its folder with --data`);
  const folder = openDataDir(data);
  const database = new DatabaseSync(folder.database, { readOnly: true });
  try {
    let count = 0;
    for (const row of database.prepare("SELECT DISTINCT month FROM pictures").all()) {
      const { month } = parseStored(monthRow, row, "a month of pictures");
      const pictures = database
        .prepare("SELECT sha256, position, bytes FROM pictures WHERE month = ?")
        .all(month)
        .map((picture) => parseStored(pictureRow, picture, `picture ${month}/${picture["sha256"]}`));
      await exportPack(join(folder.packs, `${month}.pack`), pictures, join(directory, month));
      count += pictures.length;
    }
    return count;
  } finally {
    database.close();
  }
}

async function exportPack(path: string, pictures: readonly StoredPicture[], into: string): Promise<void> {
  await mkdir(into, { recursive: true, mode: 0o700 });
  await using pack = await open(path, "r");
  for (const { sha256, position, bytes } of pictures) {
    const data = Buffer.alloc(bytes);
    const { bytesRead } = await pack.read(data, 0, data.length, position);
    if (bytesRead < data.length) throw new Error(`picture ${sha256} cannot be read from its pack`);
    await writeFile(join(into, `${sha256}.${endingOf(data)}`), data, { mode: 0o600 });
  }
}

function endingOf(data: Buffer): string {
  const start = data.subarray(0, 4).toString("hex");
  return endings.find(([bytes]) => start.startsWith(bytes))?.[1] ?? "bin";
}
