import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { prefer, preferences } from "../state/preferences.ts";
import type { Words } from "./en.ts";

/** What a table of words has for a name from outside. What every object inherits ("constructor") is no word. */
export function entryOf<Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** A text that begins as a sentence does, for within one. */
export const within = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

export type { Words };

/** Each language is loaded when it is chosen: a page needs one of them. */
const languages = {
  en: async (): Promise<Words> => (await import("./en.ts")).en,
  zh: async (): Promise<Words> => (await import("./zh.ts")).zh,
};

let language = preferences.peek().language;
const loaded = signal<Words>(await languages[language]());

/** The words of the language that is chosen. A component that reads it is painted again when another is. */
export const words: ReadonlySignal<Words> = loaded;

effect(() => {
  const { language: chosen } = preferences.value;
  if (chosen === language) return;
  languages[chosen]().then(
    (these) => {
      if (preferences.peek().language !== chosen) return;
      language = chosen;
      loaded.value = these;
    },
    // Without a connection the page keeps its language.
    () => prefer({ language }),
  );
});
