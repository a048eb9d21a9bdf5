import * as z from "zod";

/** What a box leaves empty is null or left out. SYS5.3/README. */
export function emptyAs<Schema extends z.ZodType, Empty>(schema: Schema, empty: Empty) {
  return schema.nullish().transform((value) => value ?? empty);
}

/** Nothing refuses in an answer that has this. A refusal comes with HTTP 200 too, as it is documented. */
export const accepted = { error: z.null().optional() };
