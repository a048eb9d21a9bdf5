import { signal } from "@preact/signals";

/** Shows the period before (-1) or after (1) the shown one, by `[` and `]`; null on a page without periods. */
export const turn = signal<((by: 1 | -1) => void) | null>(null);
