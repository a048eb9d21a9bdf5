import type { Json, JsonObject } from "@gatepost/protocol";
import * as z from "zod";
import { accepted, emptyAs } from "./empty.ts";

const ids = z.array(z.string());

/** Other members are kept unchanged. */
const info = z
  .object({
    name: z.string().nullish(),
    type: z.coerce.number().nullish(),
    permission_ids: ids.nullish(),
    image_id: z.string().nullish(),
  })
  .catchall(z.json())
  .nullish()
  .transform((told) => ({
    name: told?.name ?? "",
    type: told?.type ?? undefined,
    permissionIds: told?.permission_ids ?? [],
    imageId: told?.image_id ?? null,
    record: recordOf(told ?? {}),
  }));

/** Leaves out documented members that are empty, so that they are not written back as null. */
function recordOf(told: Record<string, Json | undefined>): JsonObject {
  const isEmpty = (name: string, value: Json | undefined) => value === null && documented.includes(name);
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) =>
      value === undefined || isEmpty(name, value) ? [] : [[name, value]],
    ),
  );
}

const documented = ["name", "type", "permission_ids", "image_id"];

const user = z.object({
  identity_id: z.string(),
  reg_photo: z.string().nullish(),
  /** A list in the examples, a text in the table of SYS5.3/2. */
  group_name: z.union([ids, z.string()]).nullish(),
  info,
});

/** A list that must be there, and may be null if it is empty. */
function emptyList<Schema extends z.ZodType>(one: Schema, most: number) {
  return z
    .array(one)
    .max(most)
    .nullable()
    .transform((list) => list ?? []);
}

/** Up to V5R7. SYS4.3, SYS5.3; docs/acting.md. */
export const fogAnswers = {
  users: z.object({ ...accepted, data: z.object({ identities_list: emptyList(user, 1000) }) }),
  written: z.object({ ...accepted, data: z.looseObject({}) }),
  permissions: z.object({
    ...accepted,
    data: emptyList(z.object({ _id: z.string().min(1), info: z.object({ name: z.string().nullish() }) }), 10_000),
  }),
  configs: z.object({ ...accepted, data: z.looseObject({}) }),
  quality: z.object({
    ...accepted,
    data: emptyList(
      z.object({
        bbox: emptyAs(z.array(z.number()), []),
        fiqa_result: z.boolean(),
        fails: emptyAs(z.array(z.string()), []),
      }),
      1000,
    ),
  }),
  comparison: z.object({ ...accepted, retcode: z.coerce.string(), score: z.coerce.number() }),
};
