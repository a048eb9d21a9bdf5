import { minuteMs } from "@gatepost/protocol";
import type { Announcement, BoxRecord } from "./record.ts";

/** ms for which only the process that has made or taken an announcement puts it on the bus. */
const leaseMs = minuteMs;

/**
 * Leases the announcements to the process that makes this change, or leaves them to the one that is still putting
 * earlier ones on the bus.
 */
export function announcing(record: BoxRecord, made: readonly Announcement[], now: number): BoxRecord {
  if (made.length === 0) return record;
  const announcements = [...record.announcements, ...made];
  const isWithAnother = record.announcements.length > 0 && record.leasedUntil > now;
  return { ...record, announcements, leasedUntil: isWithAnother ? record.leasedUntil : now + leaseMs };
}

/** The record once this process has taken its announcements; null where there are none, or another process has them. */
export function leased(record: BoxRecord, now: number): BoxRecord | null {
  if (record.announcements.length === 0 || record.leasedUntil > now) return null;
  return { ...record, leasedUntil: now + leaseMs };
}

/** The record without announcements that were put on the bus. */
export function announced(record: BoxRecord, done: readonly Announcement[]): BoxRecord {
  const isSame = (one: Announcement, other: Announcement) =>
    one.type === other.type && one.device === other.device && one.since === other.since;
  const isDone = (one: Announcement) => done.some((other) => isSame(one, other));
  return { ...record, announcements: record.announcements.filter((one) => !isDone(one)) };
}
