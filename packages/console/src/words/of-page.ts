import { computed, type ReadonlySignal } from "@preact/signals";
import { preferences } from "../state/preferences.ts";

/** Words that are loaded with their page, in the language that is chosen. */
export const wordsOfPage = <Words>(en: Words, zh: Words): ReadonlySignal<Words> =>
  computed(() => (preferences.value.language === "zh" ? zh : en));
