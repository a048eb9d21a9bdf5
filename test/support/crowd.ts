import { expect } from "vitest";
import { Crowd } from "../../packages/receive/src/decode/json-bytes.ts";

/** Why a body that arrives in pieces is not read; null if it may be. */
export function seen(body: string | Buffer, pieceBytes = 4_000_000): string | null {
  const bytes = Buffer.from(body);
  const crowd = new Crowd();
  try {
    for (let from = 0; from < bytes.length; from += pieceBytes) crowd.see(bytes.subarray(from, from + pieceBytes));
    expect(crowd.bytes).toBe(bytes.length);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : null;
  }
}
