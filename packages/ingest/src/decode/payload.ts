import { type Json, mayHoldEvent, payloadForm } from "@gatepost/protocol";
import { readTextOf } from "./charset.ts";
import type { Line } from "./lines.ts";
import { readMultipart } from "./multipart.ts";
import type { Read } from "./strict.ts";
import { readFields, readText } from "./text.ts";

type Payload = { value: Json; flags: readonly string[] };

/**
 * The value of a text that holds the body of a message: JSON or nearly JSON, one value on each line, a form, or base64
 * of any of these. Null where it holds no object and no list, and so surely no event; undefined where that was found at
 * no cost.
 */
export function readPayload(text: string): Payload | null | undefined {
  const form = payloadForm(text);
  if (form === "base64") {
    const bytes = Buffer.from(text, "base64");
    return mayHoldEvent(bytes) ? readBytes(bytes) : undefined;
  }
  return form === "plain" && mayHoldEvent(text) ? structureOf(readText(text, "")) : undefined;
}

function readBytes(bytes: Buffer): Payload | null {
  const fields = readMultipart(bytes, "");
  if (Array.isArray(fields)) return structureOf(readFields(fields));
  const read = readTextOf(bytes, "");
  if (read === null) return null;
  const payload = structureOf(readText(read.text, ""));
  return payload !== null && read.isGuess ? { ...payload, flags: [...payload.flags, "charset"] } : payload;
}

/** Lines that cannot be read stay texts. */
function structureOf(read: Read | Line[]): Payload | null {
  if (Array.isArray(read)) {
    const values = read.map(({ text, read: line }) => ("value" in line ? line.value : text));
    return {
      value: values,
      flags: [...new Set(read.flatMap(({ read: line }) => ("value" in line ? line.flags : [])))],
    };
  }
  return "value" in read && typeof read.value === "object" && read.value !== null ? read : null;
}
