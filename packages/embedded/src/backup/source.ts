import { constants, lstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, bytesOf, openPlain } from "./bytes.ts";
import { type Manifest, manifestName, readManifest } from "./manifest.ts";
import { asideName, PackSource, packName } from "./packs.ts";
import { BackupRefused } from "./refused.ts";
import { type Member, membersOf } from "./tar.ts";

/** A backup, as a folder or as one file. */
export interface BackupSource extends AsyncDisposable {
  manifest: Manifest;
  /** A file of it by its name, null if it has none. */
  open(name: string): Promise<Bytes | null>;
}

/** Throws BackupRefused if there is no backup. */
export async function openBackup(path: string): Promise<BackupSource> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new BackupRefused(`there is nothing at ${path}`);
  const isFolder = stats.isDirectory() || (stats.isSymbolicLink() && !path.endsWith(".tar"));
  return isFolder ? openFolder(path) : openArchive(path);
}

/** The pictures of a backup: in its packs, or in the files that an interrupted update set aside for them. */
export function picturesOf(source: BackupSource): PackSource {
  const open = (name: (month: string) => string) => (month: string) => source.open(`pictures/${name(month)}`);
  return new PackSource(open(packName), open(asideName));
}

async function openFolder(path: string): Promise<BackupSource> {
  const packs = lstatSync(join(path, "pictures"), { throwIfNoEntry: false });
  if (packs?.isSymbolicLink() === true)
    throw new BackupRefused(`${join(path, "pictures")} is a symbolic link, which is not followed`);
  const found = (name: string) => openPlain(join(path, name));
  return { manifest: await manifestOf(path, found), open: found, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function openArchive(path: string): Promise<BackupSource> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw new BackupRefused(`${path} is neither a folder nor a file`);
    const members = await membersOf(file, path);
    const found = async (name: string) => partOf(file, members.get(name));
    return { manifest: await manifestOf(path, found), open: found, [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A member of an archive, which stays open when the member is closed. */
function partOf(file: FileHandle, member: Member | undefined): Bytes | null {
  if (member === undefined) return null;
  return { ...bytesOf(file, member.from, member.size), [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function manifestOf(path: string, found: (name: string) => Promise<Bytes | null>): Promise<Manifest> {
  await using bytes = await found(manifestName);
  if (bytes === null)
    throw new BackupRefused(
      `${path} is no complete backup: it has no ${manifestName}; name what \`gatepost backup\` wrote`,
    );
  return await readManifest(bytes, path);
}
