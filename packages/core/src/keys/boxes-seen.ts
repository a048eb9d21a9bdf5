import type { Key } from "./key.ts";

/** The boxes that a key sees; null where it sees every box. */
export function boxesSeen({ boxes }: Key): readonly string[] | null {
  return boxes ?? null;
}
