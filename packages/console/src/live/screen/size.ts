import { computed } from "@preact/signals";
import { parameter } from "../../state/route.ts";

export const sizes = ["s", "m", "l"] as const;
export type Size = (typeof sizes)[number];

/** The least px of a face. */
export const facesOf: Record<Size, number> = { s: 180, m: 240, l: 320 };

/** The size that the address names. */
export const screenSize = computed<Size>(() => sizes.find((size) => size === parameter("size")) ?? "m");
