import { countMembers, type Json } from "@gatepost/protocol";
import { skipBlanks } from "./blanks.ts";
import { dropsMuch } from "./dropped.ts";
import { withLongIntegersAsTexts } from "./long-integers.ts";
import { scan } from "./scan.ts";
import { bodyReading } from "./values.ts";

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

/** How a value begins. What begins otherwise, as a form does, need not be looked at. */
const beginnings = new Set('{["-0123456789tfn');

/**
 * Reads JSON. Where a key occurs twice in an object the last one wins, and the value is flagged. Throws TooMany, before
 * anything is parsed, where there are more values than may still be parsed of the body.
 */
export function readStrict(text: string, maxLevels: number = readableLevels): Read {
  if (!beginnings.has(text.charAt(skipBlanks(text)))) return { unreadable: "not-json" };
  const reading = bodyReading();
  const { isTooDeep, values, members, longIntegers } = scan(text, maxLevels, reading.left);
  if (isTooDeep) return { unreadable: "nested-too-deep" };
  reading.check(values);
  const value = parse(withLongIntegersAsTexts(text, longIntegers));
  if (value === undefined) return { unreadable: "not-json" };
  reading.take(values);
  if (countMembers(value) === members) return { value, flags: [] };
  reading.hasDropped ||= dropsMuch(text);
  return { value, flags: ["duplicate-keys"] };
}

function parse(json: string): Json | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
