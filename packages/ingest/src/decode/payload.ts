import type { Json } from "@gatepost/protocol";
import { readTextOf } from "./charset.ts";
import { readMultipart } from "./multipart.ts";
import type { Read } from "./strict.ts";
import { type Line, readFields, readText } from "./text.ts";

type Payload = { value: Json; flags: readonly string[] };

/** How JSON, a JSON string and a form in parts begin. */
const beginnings = ["{", "[", '"', "--"];

/** Characters of base64 from which the beginning can be told, line breaks included. */
const peekLength = 16;

/** Characters in which the name of the first field of a form ends. */
const beginningLength = 201;
const formBeginning = /^[\w.[\]%-]{1,200}=/;
/** What a form must hold to be worth reading. */
const names = ["identity_id", "userId"];

/**
 * What a text holds that stands for the body of a message: JSON or what is nearly JSON, one value a line, a form, or base64
 * of any of these. Null where it holds no object and no list.
 */
export function readPayload(text: string): Payload | null {
  const begun = text.slice(0, beginningLength).trimStart();
  if (beginnings.some((beginning) => begun.startsWith(beginning)) || isForm(text))
    return structureOf(readText(text, ""));
  const first = Buffer.from(begun.slice(0, peekLength), "base64").toString("latin1").trimStart();
  return beginnings.some((beginning) => first.startsWith(beginning)) ? readBase64(text) : null;
}

function isForm(text: string): boolean {
  return formBeginning.test(text.slice(0, beginningLength)) && names.some((name) => text.includes(name));
}

function readBase64(text: string): Payload | null {
  const bytes = Buffer.from(text, "base64");
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
