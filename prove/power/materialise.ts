import { hash } from "node:crypto";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Random, whole } from "../../packages/simulator/src/random.ts";
import type { Tree } from "./disk.ts";

/** The file that only reserves space, and its size: its content does not matter. */
const reserve = { name: "reserve", bytes: 8 * 1024 * 1024 };

/** Bytes of a WAL index. It is memory that processes share: after a cut it is missing, or has any content. */
const indexBytes = 32_768;

/** Writes a state of the disk into a folder, which is emptied before. */
export async function materialise({ files, folders }: Tree, root: string, random: Random): Promise<void> {
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
  for (const [path, content] of files) {
    const target = join(root, path);
    if (path.endsWith("-shm")) {
      if (random() < 0.5) await writeFile(target, garbage(random), { mode: 0o600 });
    } else if (path.endsWith(`/${reserve.name}`)) await writeSparse(target);
    else {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(target, content, { mode: 0o600 });
    }
  }
}

/** The same for the same state. */
export function fingerprint({ files, folders }: Tree): string {
  const parts = [...files].map(([path, content]) => `${path}:${hash("sha1", content)}`);
  return hash("sha1", [...parts, ...folders].sort().join("\n"));
}

function garbage(random: Random): Buffer {
  const bytes = Buffer.alloc(indexBytes);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(whole(0, 2 ** 32, random), at);
  return bytes;
}

async function writeSparse(path: string): Promise<void> {
  await using file = await open(path, "w", 0o600);
  await file.truncate(reserve.bytes);
}
