import { type FaceEvent, minuteMs } from "@gatepost/protocol";
import type { Direction } from "../boxes/direction.ts";

/** The pictures of a passing that show its person. */
export const portraitKinds = ["face", "registered"] as const;
export type PortraitKind = (typeof portraitKinds)[number];

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
  /** Those that its event has. */
  pictures: readonly PortraitKind[];
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

/** Each passing once, in the order of time. Passings of the same ms are in the order of their ids. */
export function passingsInOrder(passings: Iterable<Passing>): Passing[] {
  const byEvent = new Map<string, Passing>();
  for (const passing of passings) byEvent.set(passing.event, passing);
  return [...byEvent.values()].sort((a, b) => a.at - b.at || (a.event < b.event ? -1 : 1));
}
