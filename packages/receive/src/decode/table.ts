import { readTable } from "@gatepost/protocol";
import type { Body } from "./body.ts";
import type { Decoded } from "./decode.ts";

/** The first bytes of an object and of a list. No line of a terminal begins so. */
const ofJson = new Set([0x5b, 0x7b]);

/** Whether a body for a table is JSON, as quarantine keeps its parts. */
export const isJson = (bytes: Buffer): boolean => ofJson.has(bytes[0] ?? 0);

/**
 * The values of a body that a terminal of ZKTeco sent: text in lines, or a photo behind a NUL. Null if it is JSON.
 */
export function decodeTable(body: Body, terminal: { table: string; serial: string }): Decoded | null {
  if (isJson(body.unpacked)) return null;
  const values = readTable(body.unpacked, terminal);
  if ("unreadable" in values) return values;
  return {
    parts: values.map((value) => ({
      read: { value, flags: [] },
      source: () => Buffer.from(JSON.stringify(value)),
      isOfBatch: true,
    })),
  };
}
