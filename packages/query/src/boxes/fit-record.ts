import type { BoxRecord } from "./record.ts";

/**
 * Bytes of a record as JSON: far below the 400 KB of a row on AWS, so that no sign can make one that is not written, and
 * an entry that shows the box is taken by the bus. 200 devices with ordinary names have half of it.
 */
const maxBytes = 128 * 1024;

/** Bytes of announcements that wait for a bus that is down: some five hundred. */
const maxAnnouncedBytes = 48 * 1024;

/**
 * The record. Where it is too large, without its oldest announcements and the devices that were not heard for longest.
 */
export function fitRecord(record: BoxRecord): BoxRecord {
  const over = bytesOf(record) - maxBytes;
  return over <= 0 ? record : withoutOldDevices(withoutOldAnnouncements(record));
}

function withoutOldAnnouncements(record: BoxRecord): BoxRecord {
  let left = maxAnnouncedBytes;
  const kept = record.announcements.toReversed().filter((one) => {
    left -= bytesOf(one);
    return left >= 0;
  });
  return { ...record, announcements: kept.toReversed() };
}

function withoutOldDevices(record: BoxRecord): BoxRecord {
  const { activity } = record;
  if (activity === null) return record;
  const [known, states] = [new Map(Object.entries(activity.devices)), new Map(Object.entries(record.devices))];
  let over = bytesOf(record) - maxBytes;
  for (const [id, device] of [...known].toSorted(([, a], [, b]) => a.last - b.last)) {
    if (over <= 0) break;
    over -= bytesOf([id, device]) + bytesOf([id, states.get(id)]);
    known.delete(id);
    states.delete(id);
  }
  const devices = Object.fromEntries(known);
  return { ...record, activity: { ...activity, devices }, devices: Object.fromEntries(states) };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
