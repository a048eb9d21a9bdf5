import type * as z from "zod/mini";
import type { Facts } from "../facts.ts";
import { omitEmpty } from "../omit-empty.ts";
import { once } from "../once.ts";
import { numbers, text } from "../wire.ts";

/** What a box detects in a face: `info` of (b), `recognize_face_attr` of (c), (d) and V6's (g). docs/formats.md §2. */
export const faceShape = once(() => ({
  age: text(),
  gender: text(),
  glasses: text(),
  box: numbers(),
}));

type Face = z.output<z.ZodMiniObject<ReturnType<typeof faceShape>, z.core.$loose>>;

export function attributesOf(sent: Face | null | undefined): NonNullable<Facts["attributes"]> {
  return omitEmpty({ age: sent?.age, gender: sent?.gender, glasses: sent?.glasses, faceBox: sent?.box });
}
