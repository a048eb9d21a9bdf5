import { signal } from "@preact/signals";

/** The event that was opened last: its row gets the focus again when somebody comes back. */
export const opened = signal<string | null>(null);

/** Scrolls to a row, once it is painted, and gives it the focus. */
export function backTo(id: string | null): void {
  if (id === null) return;
  requestAnimationFrame(() => {
    const row = document.querySelector(`[data-event="${CSS.escape(id)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.querySelector("a")?.focus({ preventScroll: true });
  });
}
