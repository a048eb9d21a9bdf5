import { crc32 } from "node:zlib";

/*
 * Writes a zip file from beginning to end, of any size (ZIP64). Entries are stored without compression, because pictures
 * are compressed already, unless an entry says how many bytes it has compressed.
 */

/** One entry, as the directory at the end of the file has it. */
export interface ZipEntry {
  name: string;
  crc: number;
  bytes: number;
  /** Its bytes in the file, if they are compressed (raw deflate). */
  packed?: number;
  /** The offset of its header. */
  offset: number;
  /** Whether its size follows its bytes, because it was not known before. */
  isStreamed: boolean;
}

const utf8 = 0x0800;
const streamed = 0x0008;
const deflated = 8;
const large = 0xffff_ffff;
const many = 0xffff;
/** 1980-01-01: the time of an entry is the time of its event, which is in its name and in the table. */
const firstDay = 0x0021;

/** The header before the bytes of an entry. */
export function zipHead({ name, crc, bytes, packed, isStreamed }: Omit<ZipEntry, "offset">): Buffer {
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x0403_4b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(utf8 | (isStreamed ? streamed : 0), 6);
  head.writeUInt16LE(packed === undefined ? 0 : deflated, 8);
  head.writeUInt16LE(firstDay, 12);
  head.writeUInt32LE(isStreamed ? 0 : crc, 14);
  head.writeUInt32LE(isStreamed ? 0 : (packed ?? bytes), 18);
  head.writeUInt32LE(isStreamed ? 0 : bytes, 22);
  head.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** The data descriptor after the bytes of a streamed entry, which must have less than 4 GB. */
export function zipTail({ crc, bytes, packed = bytes }: Pick<ZipEntry, "crc" | "bytes" | "packed">): Buffer {
  const tail = Buffer.alloc(16);
  tail.writeUInt32LE(0x0807_4b50, 0);
  tail.writeUInt32LE(crc, 4);
  tail.writeUInt32LE(packed, 8);
  tail.writeUInt32LE(bytes, 12);
  return tail;
}

/** The line of an entry in the directory. */
export function zipLine({ name, crc, bytes, packed, offset, isStreamed }: ZipEntry): Buffer {
  const isFar = offset >= large;
  const line = Buffer.alloc(46);
  line.writeUInt32LE(0x0201_4b50, 0);
  line.writeUInt16LE(45, 4);
  line.writeUInt16LE(isFar ? 45 : 20, 6);
  line.writeUInt16LE(utf8 | (isStreamed ? streamed : 0), 8);
  line.writeUInt16LE(packed === undefined ? 0 : deflated, 10);
  line.writeUInt16LE(firstDay, 14);
  line.writeUInt32LE(crc, 16);
  line.writeUInt32LE(packed ?? bytes, 20);
  line.writeUInt32LE(bytes, 24);
  line.writeUInt16LE(Buffer.byteLength(name), 28);
  line.writeUInt16LE(isFar ? 12 : 0, 30);
  line.writeUInt32LE(isFar ? large : offset, 42);
  return Buffer.concat([line, Buffer.from(name), isFar ? farOffset(offset) : Buffer.alloc(0)]);
}

function farOffset(offset: number): Buffer {
  const extra = Buffer.alloc(12);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8, 2);
  extra.writeBigUInt64LE(BigInt(offset), 4);
  return extra;
}

/** The end of the file, after the directory. */
export function zipEnd(entries: number, directory: { bytes: number; offset: number }): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(Math.min(entries, many), 8);
  end.writeUInt16LE(Math.min(entries, many), 10);
  end.writeUInt32LE(Math.min(directory.bytes, large), 12);
  end.writeUInt32LE(Math.min(directory.offset, large), 16);
  const isLarge = entries >= many || directory.bytes >= large || directory.offset >= large;
  return isLarge ? Buffer.concat([largeEnd(entries, directory), end]) : end;
}

function largeEnd(entries: number, { bytes, offset }: { bytes: number; offset: number }): Buffer {
  const end = Buffer.alloc(76);
  end.writeUInt32LE(0x0606_4b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(45, 12);
  end.writeUInt16LE(45, 14);
  end.writeBigUInt64LE(BigInt(entries), 24);
  end.writeBigUInt64LE(BigInt(entries), 32);
  end.writeBigUInt64LE(BigInt(bytes), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  end.writeUInt32LE(0x0706_4b50, 56);
  end.writeBigUInt64LE(BigInt(offset + bytes), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

/** The checksum of bytes, continued from the checksum of the bytes before. */
export function zipCrc(bytes: Uint8Array, before = 0): number {
  return crc32(bytes, before);
}
