import { signal } from "@preact/signals";

/** Whether the registered photo is covered by the captured face at the moment; null while nobody compares that way. */
export const blink = signal<boolean | null>(null);

/** Slower than three times a second: nobody is to be hurt by flashes (WCAG 2.3.1). */
const everyMs = 400;
let timer: ReturnType<typeof setInterval> | undefined;

export function startBlink(): void {
  if (timer !== undefined) return;
  blink.value = true;
  timer = setInterval(() => {
    blink.value = blink.value !== true;
  }, everyMs);
}

export function endBlink(): void {
  clearInterval(timer);
  timer = undefined;
  blink.value = null;
}
