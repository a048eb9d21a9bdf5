import { isUtf8 } from "node:buffer";
import { isDeeperThan, isObject, type Json } from "@gatepost/protocol";

/** One value of a body, and what to keep of it where it cannot be understood. */
export interface Part {
  value: Json;
  source(): Uint8Array;
}

export type Decoded = { parts: Part[] } | { unreadable: string };

/** Root members under which senders put several reports at once. DOMAIN.md §6, row 0. */
const listMembers = ["events", "data", "records"];

/** Levels that JSON.stringify writes on any stack; JSON.parse reads far more. */
const writableNesting = 1000;

/** Reads the values of a body: one JSON value, or a list of them. */
export function decode(body: Buffer): Decoded {
  if (body.length === 0) return { unreadable: "empty-body" };
  if (!isUtf8(body)) return { unreadable: "not-utf-8" };
  const value = parse(body.toString("utf8").replace(/^\uFEFF/, ""));
  if (value === undefined) return { unreadable: "not-json" };
  const list = listOf(value);
  if (list === null) return { parts: [{ value, source: () => body }] };
  if (list.length === 0) return { unreadable: "empty-list" };
  if (isDeeperThan(writableNesting, list)) return { unreadable: "nested-too-deep" };
  return { parts: list.map((item) => ({ value: item, source: () => Buffer.from(JSON.stringify(item)) })) };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listOf(value: Json): Json[] | null {
  if (Array.isArray(value)) return value;
  if (!isObject(value) || "identity_id" in value) return null;
  for (const member of listMembers) {
    const list = value[member];
    if (Array.isArray(list)) return list;
  }
  return null;
}
