import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, openPlain } from "./bytes.ts";
import { type Manifest, manifestName, readManifest } from "./manifest.ts";
import { asideName, PackSource, packName } from "./packs.ts";
import { BackupRefused } from "./refused.ts";

export interface BackupSource {
  manifest: Manifest;
  /** A file of the backup by its name, null if it has none. */
  open(name: string): Promise<Bytes | null>;
}

/** Throws BackupRefused if there is no backup. */
export async function openBackup(path: string): Promise<BackupSource> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new BackupRefused(`there is nothing at ${path}`);
  if (!stats.isDirectory())
    throw new BackupRefused(
      `${path} is a file, and a backup is a folder: unpack it first, as \`tar -xf ${path} -C FOLDER\`, and name that folder`,
    );
  const packs = lstatSync(join(path, "pictures"), { throwIfNoEntry: false });
  if (packs?.isSymbolicLink() === true)
    throw new BackupRefused(`${join(path, "pictures")} is a symbolic link, which is not followed`);
  await using bytes = await openPlain(join(path, manifestName));
  if (bytes === null)
    throw new BackupRefused(
      `${path} is no complete backup: it has no ${manifestName}; name what \`gatepost backup\` wrote`,
    );
  return { manifest: await readManifest(bytes, path), open: (name) => openPlain(join(path, name)) };
}

/** The pictures of a backup: in its packs, or in the files that an interrupted update set aside for them. */
export function picturesOf(source: BackupSource): PackSource {
  const open = (name: (month: string) => string) => (month: string) => source.open(`pictures/${name(month)}`);
  return new PackSource(open(packName), open(asideName));
}
