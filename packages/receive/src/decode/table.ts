import { readTable } from "@gatepost/protocol";
import type { Body } from "./body.ts";
import type { Decoded } from "./decode.ts";

/** The first bytes of an object and of a list. No line of a terminal begins so. */
const isJson = new Set([0x5b, 0x7b]);

/**
 * The values of a body that a terminal of ZKTeco sent: text in lines, or a photo behind a NUL. Null if the body is JSON,
 * as which quarantine keeps its parts.
 */
export function decodeTable(body: Body, terminal: { table: string; serial: string }): Decoded | null {
  if (isJson.has(body.unpacked[0] ?? 0)) return null;
  const values = readTable(body.unpacked, terminal);
  if (values === null) return { unreadable: "too-many-reports" };
  return {
    parts: values.map((value) => ({
      read: { value, flags: [] },
      source: () => Buffer.from(JSON.stringify(value)),
      isOfBatch: true,
    })),
  };
}
