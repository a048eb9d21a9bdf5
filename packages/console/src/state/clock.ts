import { signal } from "@preact/signals";

/** ms since 1970, each second while the page is looked at. */
export const now = signal(Date.now());

export function runClock(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    now.value = Date.now();
  });
}
