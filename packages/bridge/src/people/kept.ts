import * as z from "zod";

/** The generations of the boxes' person interfaces, and the platform in front of boxes. docs/acting.md. */
const generations = ["A", "B", "B7", "C", "sophonsight"] as const;
export type Generation = (typeof generations)[number];

/** Characters of a photo in base64: 5 MB. */
const maxPhoto = 7 * 1024 * 1024;

/**
 * The state of a person on a box before an order: an undo needs it. It has a photo and personal data, so only the
 * bridge can read it, for 7 days at most, and an erasure removes it.
 */
export const keptSchema = z.strictObject({
  generation: z.enum(generations),
  personId: z.string().min(1).max(256),
  /** Null if the box did not have the person. */
  before: z
    .strictObject({
      /** The record in the words of the generation. */
      record: z.record(z.string(), z.json()),
      /** The id of the picture; null if the box gives none. */
      imageId: z.string().max(256).nullable(),
      /** Base64; null if the box gave none. */
      photo: z.string().max(maxPhoto).nullable(),
    })
    .nullable(),
});

export type Kept = z.output<typeof keptSchema>;
