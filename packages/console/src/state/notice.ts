import { signal } from "@preact/signals";

/** One sentence that is said for a while at the foot of the page; null where there is none. */
export const notice = signal<string | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;
const shownFor = 6000;

export function say(text: string): void {
  clearTimeout(timer);
  notice.value = text;
  timer = setTimeout(() => {
    notice.value = null;
  }, shownFor);
}
