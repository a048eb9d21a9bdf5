import { countMembers, type Json } from "@gatepost/protocol";
import { skipBlanks } from "./blanks.ts";
import { dropsMuch } from "./dropped.ts";
import { withLongIntegersAsTexts } from "./long-integers.ts";
import { scan } from "./scan.ts";
import { bodyReading } from "./values.ts";

/** A value, or the reason why it cannot be read. */
export type Read = Readable | { unreadable: string };

export interface Readable {
  value: Json;
  /** Flags about how the value was read. */
  flags: readonly string[];
  /** Text after the value that cannot be read. */
  rest?: string;
}

/** So many levels are safe for JSON.parse and JSON.stringify, whatever the size of the stack. */
export const readableLevels = 1000;

/** The characters that begin a value. A text that begins with another one, as a form does, is not read. */
const beginnings = new Set('{["-0123456789tfn');

/**
 * Reads JSON. Where a key occurs twice in an object, the last one counts, and the value is flagged. Throws TooMany,
 * before anything is parsed, where the body would have too many values.
 */
export function readStrict(text: string, maxLevels: number = readableLevels): Read {
  if (!beginnings.has(text.charAt(skipBlanks(text)))) return { unreadable: "not-json" };
  const reading = bodyReading();
  const { isTooDeep, isTooLong, values, members, longIntegers } = scan(text, maxLevels, reading.left);
  if (isTooDeep) return { unreadable: "nested-too-deep" };
  if (isTooLong) return { unreadable: "not-json" };
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
