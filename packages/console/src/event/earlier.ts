import type { Event } from "@gatepost/client";
import { signal } from "@preact/signals";

/** Earlier events of the person of the opened one, newest first: `[` opens the next of them. */
export const earlier = signal<readonly Event[]>([]);
