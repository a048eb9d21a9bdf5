import { crc32 } from "node:zlib";

/** A grey picture of 8 by 8 pixels. */
const greyJpeg = Buffer.from(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAj/wAALCAAIAAgBAREA/8QAFQAAAgAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AHI//9k=",
  "base64",
);

/** A picture of one pixel. */
const pixelPng = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=",
  "base64",
);

const jpegMark = greyJpeg.subarray(0, 3);
const [jpegEnd, pngEnd] = [greyJpeg.subarray(-2), pixelPng.subarray(-12)];

const isJpegFile = (bytes: Buffer) => bytes.subarray(0, 3).equals(jpegMark);

/** A generated picture of the same kind and length as another one, cut off if that is. */
export function pictureLike(bytes: Buffer, mark: Buffer): Buffer {
  const isJpeg = isJpegFile(bytes);
  const end = isJpeg ? jpegEnd : pngEnd;
  const whole = isJpeg ? jpegOf(bytes.length, mark) : pngOf(bytes.length, mark);
  // Shorter than any real picture, it is only the beginning of one.
  const picture = Buffer.concat([whole, filling(bytes.length - whole.length)]).subarray(0, bytes.length);
  const at = picture.lastIndexOf(end);
  const hasEnd = bytes.includes(isJpeg ? jpegEnd : "IEND");
  if (hasEnd && at < 0 && picture.length > 2 * end.length) end.copy(picture, picture.length - end.length);
  if (!hasEnd && at >= 0) picture.fill(filler, at, at + end.length);
  return picture;
}

/** A byte that begins and ends nothing in a picture. */
const filler = 0xb6;
const filling = (length: number) => Buffer.alloc(Math.max(0, length), filler);

/** Bytes of the longest comment, with its mark and length. */
const maxComment = 0xffff + 2;
const commentHead = 4;

/** The place of a table whose values change no grey. */
const tableAt = 25;

/** The grey picture with comments behind its start. */
function jpegOf(length: number, mark: Buffer): Buffer {
  const comments: Buffer[] = [];
  for (let left = length - greyJpeg.length; left >= commentHead; ) {
    const size = left > maxComment ? Math.min(maxComment, left - commentHead) : left;
    const head = Buffer.from([0xff, 0xfe, 0, 0]);
    head.writeUInt16BE(size - 2, 2);
    comments.push(head, filling(size - commentHead));
    left -= size;
  }
  const grey = Buffer.from(greyJpeg);
  mark.copy(grey, length < tableAt + mark.length ? jpegMark.length : tableAt);
  return Buffer.concat([grey.subarray(0, 2), ...comments, grey.subarray(2)]);
}

const chunkFrame = 12;

/** The pixel with a chunk that no reader needs. */
function pngOf(length: number, mark: Buffer): Buffer {
  const size = length - pixelPng.length - chunkFrame;
  if (size < 0) return Buffer.concat([pixelPng, mark]);
  const content = Buffer.concat([Buffer.from("saMp"), mark.subarray(0, size), filling(size - mark.length)]);
  const [head, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  head.writeUInt32BE(size);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([pixelPng.subarray(0, -pngEnd.length), head, content, sum, pngEnd]);
}
