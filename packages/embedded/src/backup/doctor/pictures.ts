import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { isKnownFile } from "../../db/owner-only.ts";
import { isShown } from "../../events/shown-pictures.ts";
import { packsOf } from "../job.ts";
import { packName } from "../packs.ts";
import { type PictureRow, PicturesOf } from "../picture-rows.ts";
import { countOf } from "../snapshot.ts";
import { byRepair, type Examined, type Finding, inMegabytes } from "./finding.ts";

const fromBackup = "put the packs of a backup into pictures/, or restore it";

/** Rows against packs: sizes, and with `isDeep` the bytes of every picture. */
export async function* pictures(examined: Examined): AsyncGenerator<Finding> {
  const rows = new PicturesOf(examined.database);
  const before = [...rows.lost()].length;
  if (before > 0)
    yield { check: "pictures", state: "wrong", said: `${before} pictures are known to be lost`, todo: fromBackup };
  const found = examined.isDeep ? await unreadable(examined, rows.held()) : tooShort(examined.path, rows.held());
  // A server may have erased some of them meanwhile.
  const missing = found.filter(({ month, sha256, position }) => rows.find(month, sha256)?.position === position);
  const byMonth = Map.groupBy(missing, ({ month }) => month);
  for (const [month, lost] of byMonth) {
    const said = `${lost.length} pictures of ${packName(month)} are missing or damaged, and their events do not say so`;
    yield { check: "pictures", state: "wrong", said, ...byRepair };
  }
  const all = countOf(examined.database, "pictures");
  if (before === 0 && byMonth.size === 0)
    yield {
      check: "pictures",
      state: "ok",
      said: `${all} pictures are ${examined.isDeep ? "as they were sent" : "in their packs"}`,
    };
}

/** Those that are not within their packs. */
function tooShort(path: string, rows: Iterable<PictureRow>): PictureRow[] {
  const sizes = new Map<string, number>();
  const sizeOf = (month: string) => {
    const size = sizes.get(month) ?? bytesIn(packOf(path, month));
    sizes.set(month, size);
    return size;
  };
  return [...rows].filter(({ month, position, bytes }) => position + bytes > sizeOf(month));
}

/** Those whose bytes are not theirs. */
export async function unreadable({ path }: Pick<Examined, "path">, rows: Iterable<PictureRow>): Promise<PictureRow[]> {
  await using packs = packsOf(path);
  const found: PictureRow[] = [];
  for (const row of rows) if ((await packs.read(row)) === null) found.push(row);
  return found;
}

export async function* orphans(examined: Examined): AsyncGenerator<Finding> {
  const { path, database, isServed } = examined;
  for (const month of orphanPacks(path, database)) {
    const said = `${packName(month)} has ${inMegabytes(bytesIn(packOf(path, month)))} of which no event knows`;
    // Its first rows may not be written yet.
    yield isServed
      ? { check: "orphans", state: "note", said }
      : { check: "orphans", state: "wrong", said, ...byRepair };
  }
  if (!isServed) yield* tails(path, database);
  const unknown = readdirSync(path).filter((name) => !isKnownFile(name));
  if (unknown.length > 0)
    yield { check: "orphans", state: "note", said: `files that are not Gatepost's: ${unknown.slice(0, 5).join(", ")}` };
  const { n, bytes } = database
    .prepare(`SELECT count(*) AS n, coalesce(sum(bytes), 0) AS bytes FROM pictures WHERE NOT ${isShown}`)
    .get() ?? { n: 0, bytes: 0 };
  if (Number(n) > 0) {
    const said = `${n} pictures (${inMegabytes(Number(bytes))}) are shown by no event; they go with their month`;
    yield { check: "orphans", state: "note", said };
  }
}

/** What was written and never got a row. */
function* tails(path: string, database: DatabaseSync): Iterable<Finding> {
  for (const [month, end] of new PicturesOf(database).ends()) {
    const more = bytesIn(packOf(path, month)) - end;
    if (more > 0)
      yield {
        check: "orphans",
        state: "note",
        said: `${packName(month)} has ${more} bytes behind its last picture`,
        ...byRepair,
      };
  }
}

/** The months of packs whose pictures nothing names. */
export function orphanPacks(path: string, database: DatabaseSync): string[] {
  const folder = join(path, "pictures");
  const months = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => /^(\d{4}-\d{2})\.pack$/.exec(name)?.[1] ?? [])
    : [];
  const known = new PicturesOf(database).ends();
  return months.filter((month) => !known.has(month));
}

function packOf(path: string, month: string): string {
  return join(path, "pictures", packName(month));
}

function bytesIn(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
