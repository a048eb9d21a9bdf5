import { effect, signal } from "@preact/signals";
import { preferences } from "./preferences.ts";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(darkSystem.matches);
darkSystem.addEventListener("change", ({ matches }) => {
  isSystemDark.value = matches;
});

export const isDark = () =>
  preferences.value.theme === "system" ? isSystemDark.value : preferences.value.theme === "dark";

/** Keeps the page's language and theme as they are preferred. */
export function applyPreferences(): void {
  const root = document.documentElement;
  effect(() => {
    root.lang = preferences.value.language === "zh" ? "zh-CN" : "en";
    root.dataset["theme"] = isDark() ? "dark" : "light";
  });
}
