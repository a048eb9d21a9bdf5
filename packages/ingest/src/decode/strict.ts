import { countMembers, type Json } from "@gatepost/protocol";
import { scan } from "./scan.ts";

/** A value; or the reason why it cannot be read. */
export type Read = Readable | { unreadable: string };

export interface Readable {
  value: Json;
  /** What is to be noted of how it was read. */
  flags: readonly string[];
  /** What stands behind it and cannot be read. */
  rest?: string;
}

/** So many levels are safe for JSON.parse and JSON.stringify, whatever the size of the stack. */
export const readableLevels = 1000;

/** Reads JSON. Where a key occurs twice in an object the last one wins, and the value is flagged. */
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

/** An integer that a double cannot hold becomes the text of its digits: it is an id. */
function withDigits(_key: string, value: Json, { source }: { source?: string } = {}): Json {
  const isLost = typeof value === "number" && !Number.isSafeInteger(value);
  return isLost && source !== undefined && /^-?\d+$/.test(source) ? source : value;
}
