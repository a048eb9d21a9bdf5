import * as z from "zod";

/** A refusal comes with HTTP 200 too, as it is documented: no answer that holds one is read as anything else. */
const accepted = { error: z.undefined().optional() };

const ids = z.array(z.string());

/** Whatever else is in it is kept as it is. */
const info = z
  .object({
    name: z.string().exactOptional(),
    type: z.coerce.number().exactOptional(),
    permission_ids: ids.exactOptional(),
    image_id: z.string().exactOptional(),
  })
  .catchall(z.json());

const user = z.object({
  identity_id: z.string(),
  reg_photo: z.string().nullish(),
  /** A list in the examples, a text in the table of SYS5.3/2. */
  group_name: z.union([ids, z.string()]).optional(),
  info,
});

/** Up to V5R7. SYS4.3, SYS5.3; docs/acting.md. */
export const fogAnswers = {
  users: z.object({ ...accepted, data: z.object({ identities_list: z.array(user).max(1000) }) }),
  written: z.object({ ...accepted, data: z.looseObject({}) }),
  permissions: z.object({
    ...accepted,
    data: z.array(z.object({ _id: z.string().min(1), info: z.object({ name: z.string() }) })).max(10_000),
  }),
  configs: z.object({ ...accepted, data: z.looseObject({}) }),
  quality: z.object({
    ...accepted,
    data: z
      .array(
        z.object({
          bbox: z.array(z.number()).default([]),
          fiqa_result: z.boolean(),
          fails: z.array(z.string()).default([]),
        }),
      )
      .max(1000),
  }),
  comparison: z.object({ ...accepted, retcode: z.coerce.string(), score: z.coerce.number() }),
};
