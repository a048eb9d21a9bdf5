import type { Alternative, Compiled, Condition } from "@gatepost/event-pattern";
import type { DetailType } from "@gatepost/protocol";
import * as z from "zod";
import { entrySchemas } from "./envelope.ts";
import { type PossibleValue, valuesAt } from "./schema-values.ts";

/** Values that a reason names at most. */
const maxNamed = 12;
const maxCharacters = 200;

const onlyIfAsked: DetailType = "Face Event Recorded";

/** The values that entries of one detail-type may have, by requested path. */
class EntryFields {
  readonly detailType: DetailType;
  readonly #schema: z.core.JSONSchema.BaseSchema;
  readonly #known = new Map<string, PossibleValue[]>();

  constructor(detailType: DetailType, schema: z.core.JSONSchema.BaseSchema) {
    this.detailType = detailType;
    this.#schema = schema;
  }

  at(path: string): PossibleValue[] {
    const found = this.#known.get(path) ?? valuesAt(this.#schema, path);
    this.#known.set(path, found);
    return found;
  }

  canMeet(alternative: Alternative): boolean {
    return [...alternative].every(([path, condition]) => isPossible(condition, this.at(path)));
  }
}

let schemas: [DetailType, z.core.JSONSchema.BaseSchema][] | null = null;

/** Made when the first rule is read: it takes a moment. */
function everyEntry(): EntryFields[] {
  // As input: as output, no object could have a member that its schema does not name. Without names, so that nothing is
  // referred to.
  schemas ??= entrySchemas.map((schema) => {
    return [schema.shape["detail-type"].value, z.toJSONSchema(schema, { io: "input", metadata: z.registry() })];
  });
  return schemas.map(([detailType, schema]) => new EntryFields(detailType, schema));
}

/**
 * Why a pattern can match no entry of the bus; null if it may match one. Each condition is looked at by itself, so a
 * pattern that gets null may still never match.
 */
export function whyNeverMatches(pattern: Compiled, { announceEvents }: { announceEvents: boolean }): string | null {
  const entries = everyEntry();
  const matching = entries.filter((entry) => pattern.alternatives.some((one) => entry.canMeet(one)));
  if (matching.some(({ detailType }) => announceEvents || detailType !== onlyIfAsked)) return null;
  if (matching.length > 0) return `${onlyIfAsked} is put on the bus only with --announce-events`;
  return pattern.alternatives.map((one) => reasonOf(one, entries))[0] ?? null;
}

function isPossible({ accepts, acceptsAbsence, kinds }: Condition, values: readonly PossibleValue[]): boolean {
  const isAccepted = (one: PossibleValue) =>
    one.is === "value" ? accepts(one.value) : one.is === "any" || kinds.has(one.is);
  return acceptsAbsence || values.some(isAccepted);
}

/** Why no entry meets an alternative of a pattern. */
function reasonOf(alternative: Alternative, entries: readonly EntryFields[]): string {
  for (const [path, condition] of alternative) {
    const values = entries.flatMap((entry) => entry.at(path));
    if (isPossible(condition, values)) continue;
    if (values.length === 0) return `no entry of the bus has a value at ${path.slice(0, maxCharacters)}`;
    const wanted = condition.wants.slice(0, maxCharacters);
    return `${path} is never ${wanted}; it is ${[...new Set(values.map(inWords))].slice(0, maxNamed).join(" or ")}`;
  }
  const paths = [...alternative.keys()].slice(0, maxNamed).join(" and ");
  return `no entry of the bus meets the conditions of ${paths.slice(0, maxCharacters)} together`;
}

function inWords(value: PossibleValue): string {
  if (value.is === "value") return JSON.stringify(value.value);
  return value.is === "any" ? "any value" : `a ${value.is}`;
}
