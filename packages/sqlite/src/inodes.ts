import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

/** With fewer, the inodes of a disk count as used up: a database that is opened makes several files. */
const minFreeInodes = 8;

/**
 * Whether no more files can be made on the disk of `path`, which may have free bytes all the same. Some file systems
 * have no such limit. Where nothing is at `path` yet, the folder above it is looked at.
 */
export function lacksInodes(path: string): boolean {
  if (!existsSync(path) && dirname(path) !== path) return lacksInodes(dirname(path));
  const { files, ffree } = statfsSync(path);
  return files > 0 && ffree < minFreeInodes;
}
