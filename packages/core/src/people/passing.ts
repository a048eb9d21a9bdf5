import { type FaceEvent, minuteMs, type SetDirection } from "@gatepost/protocol";

export type Direction = "in" | "out";

/** One passing of a person at one device, with the settings of its device as they are now. */
export interface Passing {
  /** The id of its event: the evidence. */
  event: string;
  box: string;
  /** The key of its device (`dev_…`); null if the event names none. */
  device: string | null;
  /** Its counted time (`countedTime`), ms since 1970. */
  at: number;
  /** Whether the time that the box sent cannot be right. */
  isClockWrong: boolean;
  direction: Direction | null;
  /** The group of the person, as the event has it; null for none. */
  group: string | null;
}

/** The direction of a device: as a person has set it, and as its box says. */
export interface DirectionSettings {
  set: { direction: SetDirection | null; counts: boolean } | null;
  said: Direction | null;
}

type Timed = Pick<FaceEvent, "timestamp" | "receivedAt" | "flags">;

/**
 * The time by which people, presence and hours count, ms: the smaller of the time of the passing and the first receipt.
 * So no passing is in the future because a box is ahead.
 */
export function countedTime({ timestamp, receivedAt }: Timed): number {
  return Math.min(timestamp, Date.parse(receivedAt));
}

/** Whether a passing is dated over a minute after its receipt, or has no usable time. A late report is neither. */
export function isClockWrong({ timestamp, receivedAt, flags }: Timed): boolean {
  return flags.includes("clock") || timestamp - Date.parse(receivedAt) > minuteMs;
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

/** Each passing once, in the order of time. Passings of the same ms are in the order of their ids. */
export function passingsInOrder(passings: Iterable<Passing>): Passing[] {
  const byEvent = new Map<string, Passing>();
  for (const passing of passings) byEvent.set(passing.event, passing);
  return [...byEvent.values()].sort((a, b) => a.at - b.at || (a.event < b.event ? -1 : 1));
}
