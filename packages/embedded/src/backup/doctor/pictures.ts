import { statSync } from "node:fs";
import { join } from "node:path";
import { plural } from "@gatepost/protocol";
import { packsOf } from "../job.ts";
import { packName } from "../packs.ts";
import { type PictureRow, PicturesOf } from "../picture-rows.ts";
import { countOf } from "../snapshot.ts";
import { byRepair, type Examined, type Finding } from "./finding.ts";

const fromBackup = "put the packs of a backup into pictures/, or restore it";

/** Compares rows with packs: sizes, and with `isDeep` the bytes of every picture. */
export async function* pictures(examined: Examined): AsyncGenerator<Finding> {
  const rows = new PicturesOf(examined.database);
  const before = [...rows.lost()].length;
  if (before > 0)
    yield {
      check: "pictures",
      state: "wrong",
      said: `${plural(before, "picture is", "pictures are")} known to be lost`,
      todo: fromBackup,
    };
  const found = examined.isDeep ? await unreadable(examined, rows.held()) : tooShort(examined.path, rows.held());
  // A server may have erased some of them in the meantime.
  const missing = found.filter(({ month, sha256, position }) => rows.find(month, sha256)?.position === position);
  const byMonth = Map.groupBy(missing, ({ month }) => month);
  for (const [month, lost] of byMonth) {
    const said = `${packName(month)}: ${plural(lost.length, "picture is", "pictures are")} missing or damaged, and no event has a flag for it`;
    yield { check: "pictures", state: "wrong", said, ...byRepair };
  }
  const all = countOf(examined.database, "pictures");
  if (before === 0 && byMonth.size === 0) yield { check: "pictures", state: "ok", said: whole(all, examined) };
}

function whole(count: number, { isDeep }: Pick<Examined, "isDeep">): string {
  return isDeep
    ? `${plural(count, "picture is as it was", "pictures are as they were")} sent`
    : plural(count, "picture is in its pack", "pictures are in their packs");
}

/** The pictures that are not within their packs. */
function tooShort(path: string, rows: Iterable<PictureRow>): PictureRow[] {
  const sizes = new Map<string, number>();
  const sizeOf = (month: string) => {
    const size = sizes.get(month) ?? bytesIn(packOf(path, month));
    sizes.set(month, size);
    return size;
  };
  return [...rows].filter(({ month, position, bytes }) => position + bytes > sizeOf(month));
}

/** The pictures whose bytes do not match their SHA-256. */
export async function unreadable({ path }: Pick<Examined, "path">, rows: Iterable<PictureRow>): Promise<PictureRow[]> {
  await using packs = packsOf(path);
  const found: PictureRow[] = [];
  for (const row of rows) if ((await packs.read(row)) === null) found.push(row);
  return found;
}

function packOf(path: string, month: string): string {
  return join(path, "pictures", packName(month));
}

function bytesIn(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
