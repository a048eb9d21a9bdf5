import { expect, it } from "vitest";
import { Frames } from "../../standins/frames.ts";

/** A frame as a client sends it, its payload masked. RFC 6455, 5.2. */
function frame(bytes: number): Buffer {
  const short = bytes < 126 ? bytes : bytes < 65_536 ? 126 : 127;
  const header = Buffer.alloc(short < 126 ? 2 : short === 126 ? 4 : 10);
  header.writeUInt8(0x81, 0);
  header.writeUInt8(0x80 | short, 1);
  if (short === 126) header.writeUInt16BE(bytes, 2);
  if (short === 127) header.writeBigUInt64BE(BigInt(bytes), 2);
  return Buffer.concat([header, Buffer.alloc(4, 0xfe), Buffer.alloc(bytes, 0xff)]);
}

const sizes = [0, 5, 125, 126, 65_535, 65_536, 7];
const sent = Buffer.concat(sizes.map(frame));

it.each([1, 3, 1000, sent.length])("frames are separated in pieces of %i bytes", (length) => {
  const frames = new Frames();
  const found: number[] = [];
  for (let at = 0; at < sent.length; at += length) found.push(...frames.sizes(sent.subarray(at, at + length)));
  expect(found).toEqual(sizes);
});
