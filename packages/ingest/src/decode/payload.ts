import type { Json } from "@gatepost/protocol";
import { readTextOf } from "./charset.ts";
import { mayHoldEvent, minEventLength } from "./mentions.ts";
import { readMultipart } from "./multipart.ts";
import type { Read } from "./strict.ts";
import { type Line, readFields, readText } from "./text.ts";

type Payload = { value: Json; flags: readonly string[] };

/** How JSON, a JSON string and a form in parts begin. */
const beginnings = ["{", "[", '"', "--"];
/** How base64 begins of what begins so, also behind a line break or a byte order mark. */
const base64Beginnings = "eWILCD7";

/** Characters of base64 from which the beginning can be told, line breaks included. */
const peekLength = 16;

/** Characters in which the name of the first field of a form ends. */
const beginningLength = 201;
const formBeginning = /^[\w.[\]%-]{1,200}=/;

/**
 * What a text holds that stands for the body of a message: JSON or what is nearly JSON, one value a line, a form, or base64
 * of any of these. Null where it holds no object and no list, and no event for sure; undefined where that took no time.
 */
export function readPayload(text: string): Payload | null | undefined {
  if (text.length < minEventLength) return undefined;
  const begun = text.slice(0, beginningLength).trimStart();
  if (base64Beginnings.includes(begun.charAt(0)) && isBeginning(peek(begun))) {
    const bytes = Buffer.from(text, "base64");
    return mayHoldEvent(bytes) ? readBytes(bytes) : undefined;
  }
  const mayBeRead = (isBeginning(begun) || formBeginning.test(begun)) && mayHoldEvent(text);
  return mayBeRead ? structureOf(readText(text, "")) : undefined;
}

function isBeginning(text: string): boolean {
  return beginnings.some((beginning) => text.startsWith(beginning));
}

function peek(base64: string): string {
  const first = Buffer.from(base64.slice(0, peekLength), "base64").toString("latin1");
  return first.replace("\u00ef\u00bb\u00bf", "").trimStart();
}

function readBytes(bytes: Buffer): Payload | null {
  const fields = readMultipart(bytes, "");
  if (Array.isArray(fields)) return structureOf(readFields(fields));
  const read = readTextOf(bytes, "");
  if (read === null) return null;
  const payload = structureOf(readText(read.text, ""));
  return payload !== null && read.isGuess ? { ...payload, flags: [...payload.flags, "charset"] } : payload;
}

/** The lines that cannot be read stay as they are. */
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
