import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Throws if the database of a folder is missing or empty and other files of its store are there. A new database would
 * not know the pictures, would use their places, and would have other keys.
 */
export function refuseLostDatabase(path: string): void {
  // Checked first: a process that is making a store has made its database before these files.
  const left = leftOf(path);
  if (left.length === 0 || bytesIn(join(path, "gatepost.db")) > 0) return;
  const what = left.join(" and ");
  throw new Error(
    `gatepost.db is gone or empty, but other files of its store are there (${what}): restore a backup into an empty folder, or move ${what} away to begin anew`,
  );
}

/** The files that exist in a folder only if it has, or had, a database. */
function leftOf(path: string): string[] {
  const packs = join(path, "pictures");
  const names = statSync(packs, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(packs) : [];
  const hasPictures = names.some((name) => name.endsWith(".pack") && bytesIn(join(packs, name)) > 0);
  const files = ["gatepost.db-wal", "reserve"].filter((name) => bytesIn(join(path, name)) > 0);
  return [...(hasPictures ? ["pictures/"] : []), ...files];
}

function bytesIn(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
