import type { Key } from "@gatepost/core/keys";

/** The boxes that a key sees; null where it sees every box. */
export function boxesSeen({ boxes }: Key): readonly string[] | null {
  return boxes ?? null;
}
