import { computed } from "@preact/signals";
import { preferences } from "../state/preferences.ts";
import { en, type Words } from "./en.ts";
import { zh } from "./zh.ts";

/** What a table of words has for a name from outside. What every object inherits ("constructor") is no word. */
export function entryOf<Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

export type { Words };

/** The words of the language that is chosen. A component that reads it is painted again when another is. */
export const words = computed<Words>(() => (preferences.value.language === "zh" ? zh : en));
