import { lstatSync } from "node:fs";
import { backUpIntoFile } from "./archive.ts";
import { backUpIntoFolder } from "./folder.ts";
import type { BackupJob, BackupMade } from "./job.ts";
import { BackupRefused } from "./refused.ts";

/**
 * Backs up a data folder, also while a server runs on it. Writes one file if the name ends with `.tar`, else a folder.
 * A folder that is a backup already is brought up to date. The backup has everything that was acknowledged before the
 * call. Throws BackupRefused if it cannot be made; an earlier backup is then still there.
 *
 * @example
 * await backUp({ data: ".gatepost", to: "/mnt/backup/gate", clock: Date.now });
 */
export async function backUp(job: BackupJob): Promise<BackupMade> {
  if (job.to.endsWith(".tar")) return backUpIntoFile(job);
  if (lstatSync(job.to, { throwIfNoEntry: false })?.isFile() === true)
    throw new BackupRefused(`${job.to} is a file; name a folder, or a file that ends with .tar`);
  return backUpIntoFolder(job);
}
