import { statfsSync } from "node:fs";
import { Failure } from "../failure.ts";

/** File systems of other machines, by the type that Linux gives them: their locks and syncs cannot be relied on. */
const networks: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9P"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
]);

/** File systems in memory. */
const memories: ReadonlyMap<number, string> = new Map([
  [0x01021994, "tmpfs"],
  [0x858458f6, "ramfs"],
]);

/**
 * Returns a warning about the disk of a data folder, or null. Throws Failure for a network file system, unless it is
 * allowed.
 *
 * @param typeOf gives the type of the file system at a path
 */
export function checkDisk(folder: string, isNetworkAllowed: boolean, typeOf = typeAt): string | null {
  const type = typeOf(folder);
  const network = networks.get(type);
  const memory = memories.get(type);
  if (memory !== undefined) {
    return `the data folder ${folder} is in memory (${memory}), and ends with the machine: give another with --data`;
  }
  if (network === undefined) return null;
  const risk = `${folder} is on a network disk (${network}), and a database can be damaged there`;
  if (isNetworkAllowed) return `${risk}; back it up often`;
  throw new Failure(`${risk}: give a folder on a local disk with --data, or take the risk with --network-disk`);
}

/** Unsigned, as in the tables above. Windows and macOS have other types, of which none is known here. */
function typeAt(folder: string): number {
  return process.platform === "linux" ? statfsSync(folder).type >>> 0 : 0;
}
