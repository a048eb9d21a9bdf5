import { writeFileSync } from "node:fs";
import type { Writable } from "node:stream";

/**
 * Makes a stream to a file fail where the disk took only a part of a write. Node's own stream counts that as written.
 */
export function writeWhole(stream: Writable, descriptor: number): void {
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      writeFileSync(descriptor, chunk);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  };
}
