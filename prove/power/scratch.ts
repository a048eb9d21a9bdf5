import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryFolder } from "../../test/support/memory-folder.ts";

/** Thousands of folders are written, and none is kept. */
const base = memoryFolder ?? tmpdir();

/** A folder that is removed when the holder is disposed. */
export async function scratch(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(base, "gatepost-prove-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** All files below a folder, by their paths within it. */
export async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.map(async (file) => [file.slice(folder.length + 1), await readFile(file)] as const);
  return new Map(await Promise.all(contents));
}

/** The paths of all folders below a folder, within it. */
export async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return folders.map((path) => path.slice(folder.length + 1));
}
