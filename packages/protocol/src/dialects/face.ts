import type * as z from "zod/mini";
import { omitEmpty } from "../omit-empty.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import type { Facts } from "../report.ts";
import { numbers, text, unread } from "../wire.ts";

const features = ["feature", "feature_binary", "feature_base64_str"] as const;

/** What a box detects in a face: `info` of (b), `recognize_face_attr` of (c), (d) and V6's (g). docs/formats.md §2. */
export const faceShape = once(() => ({
  age: text(),
  gender: text(),
  glasses: text(),
  box: numbers(),
  feature: unread(),
  feature_binary: unread(),
  feature_base64_str: unread(),
}));

type Face = z.output<z.ZodMiniObject<ReturnType<typeof faceShape>, z.core.$loose>>;

/** The paths of the feature vectors in a face that is sent at `at`. */
export function featurePaths(...at: string[]): Path[] {
  return features.map((feature) => [...at, feature]);
}

export function attributesOf(sent: Face | null | undefined): NonNullable<Facts["attributes"]> {
  return omitEmpty({ age: sent?.age, gender: sent?.gender, glasses: sent?.glasses, faceBox: sent?.box });
}
