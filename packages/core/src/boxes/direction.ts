import type { SetDirection } from "@gatepost/protocol";

export type Direction = "in" | "out";

/** The direction of a device: as a person has set it, and as its box says. */
export interface DirectionSettings {
  set: { direction: SetDirection | null; counts: boolean } | null;
  said: Direction | null;
}

/**
 * The direction of a passing. A device that does not count, or whose direction is ignored, has none. Else it is the
 * direction of the event, then the set direction of the device (`both` is none), then the direction that the box says.
 */
export function directionOf(own: Direction | null, { set, said }: DirectionSettings): Direction | null {
  if (set?.counts === false || set?.direction === "ignore") return null;
  if (own !== null) return own;
  if (set?.direction === "both") return null;
  return set?.direction ?? said;
}
