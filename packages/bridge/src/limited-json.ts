import { scan } from "@gatepost/core/json";
import { type Json, jsonIn } from "@gatepost/protocol";

/** Far more than a page of events with features has. Later code reads values recursively, and copies them. */
const maxLevels = 64;
const maxValues = 1_000_000;

type LimitedJson = { value: Json } | { unreadable: "no JSON" | "nested-too-deep" | "too-many-values" };

/**
 * Parses JSON of a sender that is not trusted. The text is looked at first: parsed, a text of brackets alone takes forty
 * times its bytes of memory, and nothing else runs meanwhile.
 */
export function limitedJson(content: Uint8Array): LimitedJson {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString();
  const { isTooDeep, values } = scan(text, maxLevels, maxValues);
  if (isTooDeep) return { unreadable: "nested-too-deep" };
  if (values > maxValues) return { unreadable: "too-many-values" };
  const value = jsonIn(text);
  return value === undefined ? { unreadable: "no JSON" } : { value };
}

/** The value, or null if it is not read. */
export function limitedJsonOrNull(content: Uint8Array): Json {
  const read = limitedJson(content);
  return "value" in read ? read.value : null;
}
