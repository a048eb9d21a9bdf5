import { signal } from "@preact/signals";

/** Whether the page is being printed: then all that is loaded goes on paper, and not only what is looked at. */
export const isPrinting = signal(false);

addEventListener("beforeprint", () => {
  isPrinting.value = true;
});
addEventListener("afterprint", () => {
  isPrinting.value = false;
});
