import type { JsonObject } from "@gatepost/event-pattern";
import { event } from "./events.ts";
import { pattern } from "./patterns.ts";
import { randomFrom } from "./random.ts";

export interface Pair {
  readonly pattern: unknown;
  readonly event: JsonObject;
}

/** Patterns with events they are about; the same seed gives the same pairs. */
export function pairs(count: number, seed: number): Pair[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const happened = event(random);
    return { pattern: pattern(random, happened), event: happened };
  });
}
