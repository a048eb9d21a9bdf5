import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder for its owner alone, and those above it that are missing. Each name is durable before anything is put
 * below it: after a power cut, files that were synced are not found where the name of their folder is lost. Step by step,
 * because Node's own way to make several folders never ends where one above cannot be made, as in /proc.
 */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  mkdirSync(path, { mode: 0o700 });
  syncFolder(above);
}

/** Makes the names in a folder durable: of files that are new in it, and of those that were renamed or removed. */
export function syncFolder(path: string): void {
  // Windows has no way to sync a folder and does not need one.
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
