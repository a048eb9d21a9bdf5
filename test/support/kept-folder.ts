import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { dayMs } from "@gatepost/protocol";

/** Makes a new folder in a cache, to be filled and kept then. Folders that no run has used for a day are removed. */
export async function newFolderIn(cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  await removeOld(cache);
  return mkdtemp(join(cache, "new-"));
}

/** Moves a folder to its place in the cache, unless another process has put the same there meanwhile. */
export async function keepAs(folder: string, made: string): Promise<void> {
  await rename(made, folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  await rm(made, { recursive: true, force: true });
}

/** Marks a folder as used, so that it is kept for another day. */
export async function useOf(folder: string): Promise<void> {
  await utimes(folder, new Date(), new Date());
}

/** Removes what no run uses any more, and what one has left that was ended before it could. */
async function removeOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs < Date.now() - dayMs) await rm(path, { recursive: true, force: true });
  }
}
