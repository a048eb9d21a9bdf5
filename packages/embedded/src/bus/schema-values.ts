import type * as z from "zod";

type Schema = z.core.JSONSchema._JSONSchema;
type Scalar = string | number | boolean | null;

/** A possible value of a field: one value, any text, any number, or any value at all. */
export type PossibleValue = { is: "value"; value: Scalar } | { is: "text" | "number" | "any" };

/** A schema may contain itself, but no field of the bus is nested deeper. */
const maxDepth = 32;

/**
 * The values that a JSON Schema allows at a dotted path. As in patterns, arrays are no part of a path. Members that an
 * object does not name do not exist, unless its schema has `additionalProperties`.
 */
export function valuesAt(root: z.core.JSONSchema.BaseSchema, path: string): PossibleValue[] {
  return [...walk(root, path, { root, depth: maxDepth })];
}

interface Walk {
  root: z.core.JSONSchema.BaseSchema;
  depth: number;
}

/** The path is undefined at its end. */
function* walk(schema: Schema, path: string | undefined, { root, depth }: Walk): Generator<PossibleValue> {
  if (schema === false) return;
  if (schema === true || depth === 0 || schema.allOf !== undefined || isUnknown(schema)) return yield { is: "any" };
  const deeper = { root, depth: depth - 1 };
  if (schema.$ref !== undefined) {
    return yield* walk(root.$defs?.[schema.$ref.replace("#/$defs/", "")] ?? true, path, deeper);
  }
  for (const alternative of schema.anyOf ?? schema.oneOf ?? []) yield* walk(alternative, path, deeper);
  for (const item of [schema.items ?? []].flat()) yield* walk(item, path, deeper);
  if (path === undefined) yield* scalars(schema);
  else yield* members(schema, path, deeper);
}

function isUnknown({ type, anyOf, oneOf, $ref, const: only, enum: some }: z.core.JSONSchema.BaseSchema): boolean {
  return [type, anyOf, oneOf, $ref, only, some].every((keyword) => keyword === undefined);
}

function* members(schema: z.core.JSONSchema.BaseSchema, path: string, deeper: Walk): Generator<PossibleValue> {
  const { properties = {}, additionalProperties = false, propertyNames } = schema;
  const names = typeof propertyNames === "object" ? propertyNames.enum : undefined;
  const named = (names ?? []).map((name): [string, Schema] => [`${name}`, additionalProperties]);
  for (const [name, inner] of [...Object.entries(properties), ...named]) {
    if (path === name) yield* walk(inner, undefined, deeper);
    else if (path.startsWith(`${name}.`)) yield* walk(inner, path.slice(name.length + 1), deeper);
  }
  if (additionalProperties !== false && names === undefined) yield { is: "any" };
}

function* scalars(schema: z.core.JSONSchema.BaseSchema): Generator<PossibleValue> {
  const { const: only, enum: some = only === undefined ? undefined : [only] } = schema;
  if (some !== undefined) return yield* some.map((value) => ({ is: "value" as const, value }));
  for (const type of [schema.type ?? []].flat()) {
    if (type === "string") yield { is: "text" };
    else if (type === "number" || type === "integer") yield { is: "number" };
    else if (type === "null") yield { is: "value", value: null };
    else if (type === "boolean") yield* [true, false].map((value) => ({ is: "value" as const, value }));
  }
}
