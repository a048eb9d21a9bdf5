import { dayMs, minuteMs } from "@gatepost/protocol";

/** ms by which the machine's clock may step ahead and is believed at once. A longer pause of the machine waits, too. */
const maxAheadMs = 7 * dayMs;

/** ms by which the machine's clock may be behind the believed time, and its time still counts for receipts. */
const maxBehindMs = dayMs;

/** ms of serving that confirm a step far ahead, or the clock of a new store. */
export const confirmMs = dayMs;

/** ms that a clock may drift between two looks. A larger difference means that it was set. */
const maxDriftMs = minuteMs;

/** No Gatepost is older. An earlier time means that the clock was never set. */
export const firstRelease = Date.UTC(2026, 0, 1);

/** What a store knows of the time, all in ms. */
export interface StoreTime {
  /** The believed time. It never goes back, and decides which rows have ended. */
  believed: number;
  /** The machine's clock at the last look. */
  machine: number;
  /** The earliest time that it may be now. Erasures are dated by it. */
  earliest: number;
  /** Serving time until a step far ahead is believed; null while there is no such step. */
  heldMs: number | null;
  /** Whether that step was seen while the store was served, and so is no pause. */
  isSeen: boolean;
  /** Serving time since the clock was last seen to be set; a day at most. */
  steadyMs: number;
  /** The believed time when the store was first served; null once a day of serving has confirmed it. */
  firstServed: number | null;
}

/** The time of a store that is served for the first time. */
export function firstTime(machine: number): StoreTime {
  return { ...trusted(machine), steadyMs: 0, firstServed: machine };
}

/** The time of a store whose machine has the right time. */
export function trusted(machine: number): StoreTime {
  const none = { heldMs: null, isSeen: false, firstServed: null };
  return { believed: machine, machine, earliest: machine, steadyMs: confirmMs, ...none };
}

/**
 * The time at the next look.
 *
 * @param passedMs since the last look, by a clock that no one can set; null at a start, when no one knows it
 */
export function advance(time: StoreTime, machine: number, passedMs: number | null): StoreTime {
  const passed = passedMs ?? 0;
  const line = time.believed + passed;
  const isSet = passedMs !== null && Math.abs(machine - time.machine - passed) > maxDriftMs;
  const steadyMs = isSet ? 0 : Math.min(confirmMs, time.steadyMs + passed);
  const isFar = machine > line + maxAheadMs;
  const earliest = earliestOf(time, { machine, passedMs, line, isFar, steadyMs });
  if (isFar) {
    const isNew = time.heldMs === null || machine > time.machine + passed + maxAheadMs;
    return {
      believed: line,
      machine,
      earliest,
      steadyMs,
      firstServed: time.firstServed,
      heldMs: isNew ? confirmMs : Math.max(0, (time.heldMs ?? confirmMs) - passed),
      isSeen: (time.heldMs !== null && time.isSeen) || (isNew && isSet),
    };
  }
  return {
    machine,
    earliest,
    steadyMs,
    heldMs: null,
    isSeen: false,
    believed: isBehind(machine, line) ? line : Math.max(time.believed, machine),
    firstServed: steadyMs >= confirmMs ? null : time.firstServed,
  };
}

/** The time for receipts: the machine's, unless that is more than a day behind the believed time. */
export function receiptTime({ believed, machine }: StoreTime): number {
  return isBehind(machine, believed) ? believed : machine;
}

export function isBehind(machine: number, believed: number): boolean {
  return machine < believed - maxBehindMs;
}

/**
 * Whether the time before the step that is in doubt may have been wrong: the clock was seen to be set, was new, or had a
 * time before the first release.
 */
export function mayHaveBeenBehind({ isSeen, firstServed, believed }: StoreTime): boolean {
  return isSeen || firstServed !== null || believed < firstRelease;
}

interface Look {
  machine: number;
  passedMs: number | null;
  /** The believed time if no one had set the clock. */
  line: number;
  isFar: boolean;
  steadyMs: number;
}

/** After a step ahead, the time before it counts until a day of serving has confirmed the step. */
function earliestOf(time: StoreTime, { machine, passedMs, line, isFar, steadyMs }: Look): number {
  const pause = isFar ? 0 : Math.max(0, machine - time.machine);
  const before = time.earliest + (passedMs ?? pause);
  // Far behind, the machine has lost its time.
  if (machine < before) return machine >= line - maxAheadMs ? machine : before;
  const isFollowed = !isFar && (steadyMs >= confirmMs || machine - before <= maxDriftMs);
  return isFollowed ? machine : before;
}
