import { createHash } from "node:crypto";

/** The smallest picture that the documents' examples carry: grey, 8 by 8. */
const grey = Buffer.from(
  `/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAj/wAALCAAIAAgBAREA/8QAFQAAAgAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AHI//9k=`,
  "base64",
);

/** A small valid JPEG, another one for every seed: the seed is a comment behind its start marker. */
export function jpeg(seed: string | number): Buffer {
  const comment = Buffer.from(String(seed));
  const marker = Buffer.from([0xff, 0xfe, 0, 0]);
  marker.writeUInt16BE(comment.length + 2, 2);
  return Buffer.concat([grey.subarray(0, 2), marker, comment, grey.subarray(2)]);
}

/** The base64 of `jpeg(seed)`, as boxes send it. */
export function photo(seed: string | number): string {
  return jpeg(seed).toString("base64");
}

/** A valid PNG of one pixel. */
export const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=",
  "base64",
);

export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
