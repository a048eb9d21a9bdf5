import { type Alternative, alternatives } from "./alternatives.ts";
import { type Fields, fieldsOf, fieldValues } from "./field-values.ts";
import { isObject, type JsonObject } from "./json.ts";
import { refuseTooLarge } from "./limits.ts";
import { matcher } from "./matcher.ts";

/** A pattern that was read and is valid. */
export interface Compiled {
  readonly fields: Fields;
  readonly alternatives: readonly Alternative[];
}

/**
 * Reads an EventBridge event pattern. Throws PatternError with the place of the fault and the correction.
 *
 * @example
 * const pattern = compile({ source: ["gatepost"], detail: { score: [{ numeric: [">=", 0.8] }] } }); matches(pattern, {
 * source: "gatepost", detail: { score: 0.9 } }); // true
 */
export function compile(pattern: unknown): Compiled {
  refuseTooLarge(pattern);
  const read = alternatives(pattern).map(sorted);
  return { alternatives: read, fields: fieldsOf(read.flatMap((alternative) => [...alternative.keys()])) };
}

/**
 * Whether an event matches a pattern, as EventBridge would decide. Never throws for a JSON object.
 *
 * @example
 * matches(compile({ detail: { want_action: ["1001"] } }), { detail: { want_action: "1001" } }); // true
 */
export function matches(compiled: Compiled, event: JsonObject): boolean {
  if (!isObject(event)) return false;
  return compiled.alternatives.some(matcher(fieldValues(event, compiled.fields)));
}

/**
 * EventBridge tests field by field in this order, which decides the result of `exists: false` in an array of objects.
 */
function sorted(alternative: Alternative): Alternative {
  return new Map([...alternative].sort(([one], [other]) => (one < other ? -1 : 1)));
}
