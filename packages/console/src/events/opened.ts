import { signal } from "@preact/signals";
import { page } from "../state/route.ts";

/** The event that was opened last from the list; null where another page was looked at since. */
export const opened = signal<string | null>(null);

let isFromList = false;

page.subscribe((name) => {
  if (name === "event") return;
  isFromList = name === "events";
  if (!isFromList) opened.value = null;
});

/** Notes the event that is shown, where it was opened from the list: its row gets the focus when somebody comes back. */
export function noteOpened(id: string): void {
  if (isFromList) opened.value = id;
}

/** Scrolls to a row, once it is painted, and gives it the focus. */
export function backTo(id: string | null): void {
  if (id === null) return;
  requestAnimationFrame(() => {
    const row = document.querySelector(`[data-event="${CSS.escape(id)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.querySelector("a")?.focus({ preventScroll: true });
  });
}
