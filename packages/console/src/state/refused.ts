import { effect, signal } from "@preact/signals";
import { refusalsIn } from "../words/refusals.ts";
import { preferences } from "./preferences.ts";

/** What says why the server refused, in the language of the page; null until it is there. English needs none. */
const translate = signal<((detail: string) => string | null) | null>(null);

// Loaded besides: it is read rarely, and in one language alone.
effect(() => {
  if (preferences.value.language !== "zh" || translate.peek() !== null) return;
  import("../words/zh-refusals.ts").then(
    ({ zhRefusals }) => {
      translate.value = refusalsIn(zhRefusals);
    },
    // Without them it is said by its status.
    () => null,
  );
});

/** What the server says, in the language of the page; null where that is not known. */
export function inLanguage(detail: string): string | null {
  if (detail === "") return null;
  return preferences.value.language === "en" ? detail : (translate.value?.(detail) ?? null);
}

/** The same; as the server says it where that is not known. */
export const inLanguageOrAsIs = (detail: string): string => inLanguage(detail) ?? detail;
