import { hash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { type Bytes, openPlain, writeAll } from "../bytes.ts";
import type { PictureRow } from "../picture-rows.ts";
import type { PartKey, ShipStore } from "./bucket.ts";

/**
 * A pack that is assembled from its parts. It is removed when it is closed. If several parts contain a place, the one
 * with the picture of that place counts.
 *
 * @param rows in the order of their places
 */
export async function openPack(
  bucket: ShipStore,
  { rows, parts, file: path }: { rows: readonly PictureRow[]; parts: readonly PartKey[]; file: string },
): Promise<Bytes | null> {
  if (parts.length === 0) return null;
  await rm(path, { force: true });
  {
    await using file = await open(path, "wx", 0o600);
    const found = new Set<PictureRow>();
    // The longest first: it offers more at once.
    for (const part of parts.toSorted((a, b) => b.to - b.from - (a.to - a.from))) {
      const wanted = within(rows, part).filter((row) => !found.has(row));
      const bytes = wanted.length === 0 ? null : await bucket.get(part.key);
      for (const row of bytes === null ? [] : wanted) {
        const data = bytes?.subarray(row.position - part.from, row.position - part.from + row.bytes);
        if (data === undefined || hash("sha256", data) !== row.sha256) continue;
        await writeAll(file, data, row.position);
        found.add(row);
      }
    }
  }
  const opened = await openPlain(path);
  if (opened === null) throw new Error("a pack that was put together is gone");
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await rm(path, { force: true });
    },
  };
}

/** The rows whose places are completely within a part. */
function within(rows: readonly PictureRow[], { from, to }: PartKey): PictureRow[] {
  let [first, end] = [0, rows.length];
  while (first < end) {
    const middle = (first + end) >> 1;
    if ((rows[middle]?.position ?? 0) < from) first = middle + 1;
    else end = middle;
  }
  const found: PictureRow[] = [];
  for (let row = rows[first]; row !== undefined && row.position < to; row = rows[++first]) {
    if (row.position + row.bytes <= to) found.push(row);
  }
  return found;
}
