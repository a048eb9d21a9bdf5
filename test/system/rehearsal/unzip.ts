import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";

const endOfDirectory = 0x06054b50;
const deflated = 8;

/** Unpacks an archive as SST writes them: no encryption, no ZIP64. */
export async function unzip(archive: Buffer, folder: string): Promise<void> {
  for (const [name, content] of files(archive)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

function* files(archive: Buffer): Generator<[name: string, content: Buffer]> {
  const end = archive.lastIndexOf(Buffer.from(new Uint32Array([endOfDirectory]).buffer));
  const count = archive.readUInt16LE(end + 10);
  let entry = archive.readUInt32LE(end + 16);
  for (let read = 0; read < count; read++) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => archive.readUInt16LE(entry + at));
    const name = archive.toString("utf8", entry + 46, entry + 46 + (nameLength ?? 0));
    if (!name.endsWith("/")) yield [name, contentOf(archive, entry)];
    entry += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
}

function contentOf(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const packedBytes = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedBytes);
  return method === deflated ? inflateRawSync(packed) : packed;
}
