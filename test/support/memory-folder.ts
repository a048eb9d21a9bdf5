import { existsSync, statfsSync } from "node:fs";

const path = "/dev/shm";
const neededBytes = 1024 ** 3;

/** Memory as a folder, or null. Containers often have little of it. */
export const memoryFolder = existsSync(path) && freeBytes() > neededBytes ? path : null;

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
