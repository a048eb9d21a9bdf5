import { isObject, type Json } from "@gatepost/protocol";

/** Members under which senders put several reports at once. docs/formats.md §6, row 0. */
const listMembers = ["events", "data", "records"];

/** Two halves of a batch that was too large, in order; null where it is no batch of two or more. */
export function halves(body: Uint8Array): [Uint8Array, Uint8Array] | null {
  const list = listOf(parse(body));
  if (list === null || list.length < 2) return null;
  const middle = Math.ceil(list.length / 2);
  return [write(list.slice(0, middle)), write(list.slice(middle))];
}

function parse(body: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return null;
  }
}

function listOf(value: Json): Json[] | null {
  if (Array.isArray(value)) return value;
  if (!isObject(value) || "identity_id" in value) return null;
  const list = listMembers.map((member) => value[member]).find((found) => Array.isArray(found));
  return list ?? null;
}

function write(list: Json[]): Uint8Array {
  return Buffer.from(JSON.stringify(list));
}
