import { signal } from "@preact/signals";

/** Whether the page is being printed: then all loaded rows are printed, and not only the visible ones. */
export const isPrinting = signal(false);

addEventListener("beforeprint", () => {
  isPrinting.value = true;
});
addEventListener("afterprint", () => {
  isPrinting.value = false;
});
