import * as z from "zod";
import { generations } from "./library.ts";

/** Characters of a photo in base64: 5 MB. */
const maxPhoto = 7 * 1024 * 1024;

/**
 * How a box had a person before an order: what undo needs. It holds a photo and personal data, so it is stored where
 * only the bridge reads it, for 7 days at most, and goes with an erasure.
 */
export const keptSchema = z.strictObject({
  generation: z.enum(generations),
  personId: z.string().min(1).max(256),
  /** Null: the box did not have the person. */
  before: z
    .strictObject({
      /** The record in the words of the generation. */
      record: z.record(z.string(), z.json()),
      /** The id of the picture; null where the box tells none. */
      imageId: z.string().max(256).nullable(),
      /** Base64; null where the box gave none. */
      photo: z.string().max(maxPhoto).nullable(),
    })
    .nullable(),
});

export type Kept = z.output<typeof keptSchema>;
