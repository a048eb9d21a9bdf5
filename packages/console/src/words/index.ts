import { computed } from "@preact/signals";
import { preferences } from "../state/preferences.ts";
import { en, type Words } from "./en.ts";
import { zh } from "./zh.ts";

export type { Words };

/** The words of the language that is chosen. A component that reads it is painted again when another is. */
export const words = computed<Words>(() => (preferences.value.language === "zh" ? zh : en));
