import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** With fewer, the inodes of a disk count as used up: a database that is opened makes several files. */
const minFreeInodes = 8;

/**
 * Whether no more files can be made on the disk of `path`, even if it has free bytes. Some file systems have no such
 * limit. If nothing is at `path` yet, the folder above it is looked at.
 */
export function lacksInodes(path: string): boolean {
  if (!existsSync(path) && dirname(path) !== path) return lacksInodes(dirname(path));
  const { files, ffree } = statfsSync(path);
  return files > 0 && ffree < minFreeInodes;
}

/**
 * Makes a folder that only its owner may use, and missing folders above it. Each name is durable before anything is put
 * below it: after a power cut, synced files cannot be found if the name of their folder is lost. Made one by one,
 * because Node's recursive way never ends if a folder above cannot be made, as in /proc.
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it since.
    if (!isFolder(path)) throw error;
  }
  syncFolder(above);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Makes the names in a folder durable: of new, renamed and removed files. */
export function syncFolder(path: string): void {
  // Windows cannot sync a folder, and does not need to.
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Replaces a file by a text. Readers see the old file or the new one, also after a power failure. One writer at a time.
 *
 * @param mode of the file; only its owner may use it by default
 */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const draft = `${path}.new`;
  // A draft that a crash has left may have other permissions.
  rmSync(draft, { force: true });
  const file = openSync(draft, "wx", mode);
  try {
    // Unlike one write, this ends only with all of it: a disk that is nearly full may take a part.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
}
