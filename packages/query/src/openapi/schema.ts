import { eventSchema, isObject } from "@gatepost/protocol";
import * as z from "zod";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Schemas that are written once and referred to, by name. */
const shared = new Map<unknown, string>([[eventSchema, "Event"]]);

/** The schema of what is sent to us (`input`) or by us (`output`). */
export function schemaOf(schema: z.core.$ZodType, io: "input" | "output"): JsonSchema {
  const whole = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override({ zodSchema, jsonSchema, path }) {
      const name = path.length === 0 ? undefined : shared.get(zodSchema);
      if (name !== undefined) replace(jsonSchema, { $ref: `#/components/schemas/${name}` });
      // The format says the same as zod's pattern, which no person can read.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    },
  });
  const { $schema: _, $defs: __, ...kept } = whole;
  return JSON.parse(JSON.stringify(kept), (_key, value) => (isAnyJson(value) ? {} : value));
}

/** The schemas that others refer to. */
export function sharedSchemas(): Record<string, JsonSchema> {
  return { Event: schemaOf(eventSchema, "output") };
}

function replace(schema: JsonSchema, by: JsonSchema): void {
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, by);
}

/** zod writes any JSON at all as a recursive union beside the schema, and refers to it. */
function isAnyJson(value: unknown): boolean {
  return isObject(value) && String(value["$ref"]).startsWith("#/$defs/");
}
