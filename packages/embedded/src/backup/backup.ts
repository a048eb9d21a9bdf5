import { lstatSync } from "node:fs";
import { backUpIntoFile } from "./archive.ts";
import { backUpIntoFolder } from "./folder.ts";
import type { BackupJob, BackupMade } from "./job.ts";
import { BackupRefused } from "./refused.ts";

/**
 * Backs up a data folder, on which a server may run: into one file where its name ends with `.tar`, else into a folder,
 * which is brought up to date where it is a backup already. All that was acknowledged before the call is in it. Throws
 * BackupRefused where it cannot be made; what was there before is there then.
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
