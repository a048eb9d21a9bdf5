import * as z from "zod";

/** Boxes send null for an empty member, or leave it out. SYS5.3/README. */
export function emptyAs<Schema extends z.ZodType, Empty>(schema: Schema, empty: Empty) {
  return schema.nullish().transform((value) => value ?? empty);
}

/** An answer with this is not a refusal. By the documents, refusals have HTTP status 200 too. */
export const accepted = { error: z.null().optional() };
