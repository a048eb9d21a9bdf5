import { effect, signal } from "@preact/signals";
import { refusalsIn } from "../words/refusals.ts";
import { preferences } from "./preferences.ts";

/** Translates a refusal of the server; null until it is loaded. English needs none. */
const translate = signal<((detail: string) => string | null) | null>(null);

// Loaded apart from the page: only Chinese needs it.
effect(() => {
  if (preferences.value.language !== "zh" || translate.peek() !== null) return;
  import("../words/zh-refusals.ts").then(
    ({ zhRefusals }) => {
      translate.value = refusalsIn(zhRefusals);
    },
    // Without the translations, `sayingOf` goes by the status.
    () => null,
  );
});

/** A sentence of the server in the language of the page; null where there is no translation. */
export function inLanguage(detail: string): string | null {
  if (detail === "") return null;
  return preferences.value.language === "en" ? detail : (translate.value?.(detail) ?? null);
}

/** The same; in the words of the server where there is no translation. */
export const inLanguageOrAsIs = (detail: string): string => inLanguage(detail) ?? detail;
