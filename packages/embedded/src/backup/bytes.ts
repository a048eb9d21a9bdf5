import { createHash } from "node:crypto";
import { constants, fstatSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "@gatepost/sqlite";
import { isCode } from "./refused.ts";

/** Bytes that can be read at any position. */
export interface Bytes extends AsyncDisposable {
  size: number;
  /** Reads up to `length` bytes from `position`; fewer if the bytes end before. */
  read(position: number, length: number): Promise<Buffer>;
}

/** Do not follow a symbolic link, and do not wait for a pipe. */
const plainly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const blockBytes = 1024 * 1024;

/** Opens an ordinary file for reading; null if there is none. Throws for a link, a folder and a device. */
export async function openPlain(path: string): Promise<Bytes | null> {
  const file = await openFile(path);
  return file === null ? null : bytesOf(file, fstatSync(file.fd).size);
}

/** The same for a file that others append to: each read sees the file as it is then. */
export async function openGrowing(path: string): Promise<Bytes | null> {
  const file = await openFile(path);
  if (file === null) return null;
  const now = () => bytesOf(file, fstatSync(file.fd).size);
  return {
    get size() {
      return now().size;
    },
    read: (position, length) => now().read(position, length),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function openFile(path: string): Promise<FileHandle | null> {
  const file = await open(path, plainly).catch((cause: unknown) => {
    if (isCode(cause, "ENOENT")) return null;
    throw new Error(`${path} cannot be read${isCode(cause, "ELOOP") ? ": it is a symbolic link" : ""}`, { cause });
  });
  if (file === null) return null;
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error(`${path} is no ordinary file`);
}

/** The first bytes of a file. Disposing of them closes the file. */
function bytesOf(file: FileHandle, size: number): Bytes {
  return {
    size,
    async read(position, length) {
      const wanted = Math.max(0, Math.min(length, size - position));
      const buffer = Buffer.alloc(wanted);
      const { bytesRead } = await file.read(buffer, 0, wanted, position);
      return buffer.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** All of `bytes`, in blocks of a megabyte. */
async function* blocksOf(bytes: Bytes): AsyncGenerator<Buffer> {
  for (let position = 0; position < bytes.size; position += blockBytes) {
    const block = await bytes.read(position, blockBytes);
    if (block.length < Math.min(blockBytes, bytes.size - position))
      throw new Error("a file became shorter while it was read");
    yield block;
  }
}

export interface Digest {
  bytes: number;
  sha256: string;
}

export async function fileDigest(bytes: Bytes): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const block of blocksOf(bytes)) hash.update(block);
  return { bytes: bytes.size, sha256: hash.digest("hex") };
}

/** Writes all of `data` at a position. Throws if the disk takes only a part. */
export async function writeAll(file: FileHandle, data: Buffer, position: number | null): Promise<void> {
  const { bytesWritten } = await file.write(data, 0, data.length, position);
  if (bytesWritten < data.length)
    throw Object.assign(new Error("the disk took only a part of the data"), { code: "ENOSPC" });
}

/** Copies `bytes` durably into a new file that only its owner can read. Returns the size and the digest of the copy. */
export async function copyInto(path: string, bytes: Bytes): Promise<Digest> {
  await using file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  for await (const block of blocksOf(bytes)) {
    hash.update(block);
    await writeAll(file, block, null);
  }
  await file.sync();
  return { bytes: bytes.size, sha256: hash.digest("hex") };
}

/** Replaces a file durably: also after a crash, the old or the new file is there. */
export async function replaceFile(path: string, content: Buffer): Promise<void> {
  const part = `${path}.part`;
  await rm(part, { force: true });
  {
    await using file = await open(part, "wx", 0o600);
    await writeAll(file, content, null);
    await file.sync();
  }
  await rename(part, path);
  syncFolder(dirname(path));
}
