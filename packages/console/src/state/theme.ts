import { computed, effect, signal } from "@preact/signals";
import { preferences } from "./preferences.ts";
import { page, parameter } from "./route.ts";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(darkSystem.matches);
darkSystem.addEventListener("change", ({ matches }) => {
  isSystemDark.value = matches;
});

/** A screen is dark unless its address says another theme. */
const theme = computed(() =>
  page.value === "screen" ? (parameter("theme") ?? "dark") : (preferences.value.theme as string),
);

export const isDark = () => (theme.value === "system" ? isSystemDark.value : theme.value === "dark");

/** Keeps the page's language and theme as they are preferred. */
export function applyPreferences(): void {
  const root = document.documentElement;
  effect(() => {
    root.lang = preferences.value.language === "zh" ? "zh-CN" : "en";
    root.dataset["theme"] = isDark() ? "dark" : "light";
  });
}
