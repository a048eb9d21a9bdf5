import type { Alternative } from "./alternatives.ts";
import { type FieldValues, fieldValues } from "./field-values.ts";
import type { JsonObject } from "./json.ts";
import type { Compiled } from "./pattern.ts";

/** The result of one condition of a pattern for an event. */
export interface Finding {
  /** The dotted path of the field. */
  path: string;
  holds: boolean;
  /** The values of the field, as text; empty if it has none. */
  is: string;
  /** The wanted values of the condition, in words. */
  wants: string;
}

const maxValues = 5;
const maxCharacters = 200;

/**
 * Reports for each condition of a pattern whether an event meets it. If the pattern has alternatives (`$or`), explains
 * the one with the fewest unmet conditions. Tests each condition alone: in a list of objects, all conditions may be met
 * although no single object meets them all.
 *
 * @example
 * explain(compile({ source: ["other"] }), { source: "gatepost" });
 * // [{ path: "source", holds: false, is: "gatepost", wants: '"other"' }]
 */
export function explain(compiled: Compiled, event: JsonObject): Finding[] {
  const seen = fieldValues(event, compiled.fields);
  const found = compiled.alternatives.map((alternative) => findingsOf(alternative, seen));
  const held = (findings: readonly Finding[]) => findings.filter(({ holds }) => holds).length - findings.length;
  return found.reduce((best, one) => (held(one) > held(best) ? one : best), found[0] ?? []);
}

function findingsOf(alternative: Alternative, seen: FieldValues): Finding[] {
  return [...alternative].map(([path, condition]) => {
    const values = (seen.get(path) ?? []).map(({ value }) => value);
    const holds = values.some((value) => condition.accepts(value)) || (values.length === 0 && condition.acceptsAbsence);
    const is = values.slice(0, maxValues).map(String).join(", ").slice(0, maxCharacters);
    return { path, holds, is, wants: condition.wants.slice(0, maxCharacters) };
  });
}
