import { type Alternative, alternatives } from "./alternatives.ts";
import { type Fields, fieldsOf, fieldValues } from "./field-values.ts";
import { isObject, type JsonObject } from "./json.ts";
import { refuseTooLarge } from "./limits.ts";
import { matcher } from "./matcher.ts";

export { PatternError } from "./error.ts";
export type { Json, JsonObject } from "./json.ts";

/** A pattern that has been read and found good. */
export interface Compiled {
  readonly fields: Fields;
  readonly alternatives: readonly Alternative[];
}

/** Reads an EventBridge event pattern. Throws PatternError, which says where it is wrong and what to change. */
export function compile(pattern: unknown): Compiled {
  refuseTooLarge(pattern);
  const read = alternatives(pattern).map(sorted);
  return { alternatives: read, fields: fieldsOf(read.flatMap((alternative) => [...alternative.keys()])) };
}

/** Whether the event fits the pattern, as EventBridge would decide. Never throws for a JSON object. */
export function matches(compiled: Compiled, event: JsonObject): boolean {
  if (!isObject(event)) return false;
  return compiled.alternatives.some(matcher(fieldValues(event, compiled.fields)));
}

/** The engine asks field by field in this order, which decides what `exists: false` sees of an array of objects. */
function sorted(alternative: Alternative): Alternative {
  return new Map([...alternative].sort(([one], [other]) => (one < other ? -1 : 1)));
}
