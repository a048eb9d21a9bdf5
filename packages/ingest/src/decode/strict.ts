import { countMembers, type Json } from "@gatepost/protocol";
import { scan } from "./scan.ts";

/** A value, and what is to be noted of how it was read; or why there is none. */
export type Read = { value: Json; flags: readonly string[] } | { unreadable: string };

/** Levels that JSON.parse and JSON.stringify take on any stack. */
export const readableLevels = 1000;

/** Reads JSON. Where an object has a key twice the last one wins, as everywhere, and the value is flagged. */
export function readStrict(text: string, maxLevels: number = readableLevels): Read {
  const { isTooDeep, members, hasLongInteger } = scan(text, maxLevels);
  if (isTooDeep) return { unreadable: "nested-too-deep" };
  const value = parse(text, hasLongInteger);
  if (value === undefined) return { unreadable: "not-json" };
  return { value, flags: countMembers(value) === members ? [] : ["duplicate-keys"] };
}

function parse(text: string, hasLongInteger: boolean): Json | undefined {
  try {
    return hasLongInteger ? JSON.parse(text, withDigits) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An integer that no double holds becomes the text of its digits: it is an id. */
function withDigits(_key: string, value: Json, { source }: { source?: string } = {}): Json {
  const isLost = typeof value === "number" && !Number.isSafeInteger(value);
  return isLost && source !== undefined && /^-?\d+$/.test(source) ? source : value;
}
