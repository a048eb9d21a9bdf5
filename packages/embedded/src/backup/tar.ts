import type { FileHandle } from "node:fs/promises";
import { writeAll } from "./bytes.ts";
import { BackupRefused } from "./refused.ts";

/* The format of POSIX.1-1988 (ustar), with sizes of 8 GB and more as GNU tar writes them. */

const blockBytes = 512;
const zeros = Buffer.alloc(1024 * 1024);

/** Above this a size is written in binary. */
const maxOctal = 8 ** 11 - 1;

/** Members that an archive may have: far more than months. */
const maxMembers = 20_000;

const field = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  time: [136, 12],
  sum: [148, 8],
  type: [156, 1],
  folder: [345, 155],
} as const;

/** Writes an archive of files whose sizes are known before their bytes. */
export class TarWriter {
  readonly #file: FileHandle;
  readonly #time: number;
  #left = 0;
  #padding = 0;

  /** @param time ms, which every member gets */
  constructor(file: FileHandle, time: number) {
    this.#file = file;
    this.#time = time;
  }

  /** Begins a member. The one before must be complete. */
  async begin(name: string, size: number): Promise<void> {
    await this.#finish();
    this.#left = size;
    this.#padding = (blockBytes - (size % blockBytes)) % blockBytes;
    await writeAll(this.#file, headerOf(name, size, this.#time), null);
  }

  async write(data: Buffer): Promise<void> {
    if (data.length > this.#left) throw new Error("a member of the archive is longer than its header says");
    this.#left -= data.length;
    await writeAll(this.#file, data, null);
  }

  async writeZeros(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; left -= zeros.length) await this.write(zeros.subarray(0, left));
  }

  async end(): Promise<void> {
    await this.#finish();
    await writeAll(this.#file, zeros.subarray(0, 2 * blockBytes), null);
  }

  async #finish(): Promise<void> {
    if (this.#left > 0) throw new Error("a member of the archive is shorter than its header says");
    await writeAll(this.#file, zeros.subarray(0, this.#padding), null);
    this.#padding = 0;
  }
}

function headerOf(name: string, size: number, time: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const put = ([at]: readonly [number, number], text: string) => header.write(text, at, "latin1");
  put(field.name, name);
  put(field.mode, "0000600\0");
  header.write("0000000\x000000000\0", 108, "latin1");
  if (size <= maxOctal) put(field.size, `${size.toString(8).padStart(11, "0")} `);
  else {
    header[field.size[0]] = 0x80;
    header.writeBigUInt64BE(BigInt(size), field.size[0] + 4);
  }
  put(
    field.time,
    `${Math.floor(time / 1000)
      .toString(8)
      .padStart(11, "0")} `,
  );
  put(field.type, "0");
  header.write("ustar\x0000", 257, "latin1");
  put(field.sum, `${sumOf(header).toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** The sum of all bytes of a header; the bytes of the sum field count as spaces. */
function sumOf(header: Buffer): number {
  let sum = 0;
  for (const [at, byte] of header.entries()) {
    const isOfSum = at >= field.sum[0] && at < field.sum[0] + field.sum[1];
    sum += isOfSum ? 0x20 : byte;
  }
  return sum;
}

/** The bytes of a member: their place in the archive. */
export interface Member {
  from: number;
  size: number;
}

/**
 * Finds the members of an archive. Throws BackupRefused for anything but an ordinary file, for two members with one
 * name, and if the archive ends too early. Names are only looked up, and never used as paths.
 */
export async function membersOf(file: FileHandle, place: string): Promise<Map<string, Member>> {
  const { size: end } = await file.stat();
  const members = new Map<string, Member>();
  const header = Buffer.alloc(blockBytes);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(header, 0, blockBytes, at);
    if (bytesRead < blockBytes) throw new BackupRefused(`${place} ends too early; use another backup`);
    if (header.every((byte) => byte === 0)) return members;
    const { name, size } = memberIn(header, place);
    const from = at + blockBytes;
    if (from + size > end) throw new BackupRefused(`${place} ends within ${name}; use another backup`);
    if (members.has(name)) throw new BackupRefused(`${place} has two members of the name ${name}`);
    if (members.size >= maxMembers) throw new BackupRefused(`${place} has more members than a backup has`);
    members.set(name, { from, size });
    at = from + Math.ceil(size / blockBytes) * blockBytes;
  }
}

function memberIn(header: Buffer, place: string): { name: string; size: number } {
  const text = ([at, length]: readonly [number, number]) =>
    header.toString("latin1", at, at + length).split("\0")[0] ?? "";
  if (Number.parseInt(text(field.sum), 8) !== sumOf(header)) throw new BackupRefused(`${place} is no tar archive`);
  const name = [text(field.folder), text(field.name)].filter((part) => part !== "").join("/");
  const isPlain = /^[\w.-]+(?:\/[\w.-]+)?$/.test(name) && !name.includes("..");
  if (!isPlain || !["0", ""].includes(text(field.type))) {
    throw new BackupRefused(`${place} has a member that is no file of a backup: ${JSON.stringify(name)}`);
  }
  const size = sizeIn(header, text(field.size));
  if (Number.isSafeInteger(size)) return { name, size };
  throw new BackupRefused(`${place} is damaged: the size of ${name} is none`);
}

function sizeIn(header: Buffer, text: string): number {
  const [at] = field.size;
  if (header.readUInt32BE(at) === 0x80_00_00_00) return Number(header.readBigUInt64BE(at + 4));
  return /^[0-7]{1,12} *$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}
