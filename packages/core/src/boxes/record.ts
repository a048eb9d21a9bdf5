import { boxStatusKinds, deviceTypes, dialectName, omitEmpty, reportKinds, setDirections } from "@gatepost/protocol";
import * as z from "zod/mini";

/* The record of a box: sums of its signs, its state and the states of its devices, and the settings by a person. */

/** The hours and days of a time zone, numbered. */
export interface Hours {
  /** The number of the hour in which a time (ms) is. */
  hourOf(time: number): number;
  /** The number of the day in which a time (ms) is. */
  dayOf(time: number): number;
  /** The first ms of the next hour; never before `time`. */
  nextHour(time: number): number;
}

const time = z.int();

/** The longest pause between two signs, by the hours (`LocalHours`) that it touched. */
export const pausesSchema = z.record(z.string(), z.int());
export type Pauses = Record<string, number>;

const lifeSchema = z.object({ first: z.int(), last: z.int(), pauses: pausesSchema });
export type Life = z.output<typeof lifeSchema>;

/** A serial that a box named, and when it did first and last, ms. */
const serialSchema = z.object({ serial: z.string(), first: z.int(), last: z.int() });
export type NamedSerial = z.output<typeof serialSchema>;

const deviceSchema = z.object({
  ...lifeSchema.shape,
  endpoint: z.nullable(z.string()),
  name: z.nullable(z.string()),
  ip: z.nullable(z.string()),
  type: z.nullable(z.enum(deviceTypes)),
  /** The directions that its reports gave passings. */
  directions: z._default(z.array(z.enum(["in", "out"])), []),
});
export type DeviceActivity = z.output<typeof deviceSchema>;

export type Devices = Record<string, DeviceActivity>;

const kindSchema = z.object({
  dialect: z.nullable(dialectName()),
  last: time,
  /** ms from the passing to the receipt of the last report; null if the box's clock says nothing. */
  lagMs: z.nullable(time),
  day: time,
  /** Its reports on that day. */
  count: time,
});

const daySchema = z.object({ reports: time, flagged: time, refused: z.record(z.string(), time) });

export const activitySchema = z.object({
  /** Signs of life; null if all requests were refused. */
  life: z.nullable(lifeSchema),
  kinds: z.partialRecord(z.enum([...reportKinds, ...boxStatusKinds, "unread"]), kindSchema),
  /** How far the box's clock is ahead of ours: the highest that was seen within the hour after `at`. */
  clock: z.nullable(z.object({ skewMs: time, at: time })),
  /** The last records, if they arrived long after their passings: those with the lag of the first of them. */
  late: z._default(z.nullable(z.object({ skewMs: time, from: time, to: time, count: time })), null),
  days: z.record(z.string(), daySchema),
  devices: z.record(z.string(), deviceSchema),
  /** The serials that reports and box status named. */
  serials: z.array(serialSchema),
  /** The types of event whose paths got another dialect, and when they did last, ms. */
  unexpected: z._default(z.array(z.object({ type: z.string(), dialect: dialectName(), last: time })), []),
  /** The last wanted action that is not known, and when it was received, ms; null if there was none. */
  unknownAction: z._default(z.nullable(z.object({ wantAction: z.string(), dialect: dialectName(), last: time })), null),
});
export type BoxActivity = z.output<typeof activitySchema>;

const stateSchema = z.object({
  /** Since when it is silent: its last sign of life, ms. Null where it is not. */
  silentSince: z.nullable(time),
  /** Whether that is on the bus, or will be. */
  isAnnounced: z.boolean(),
  /** When it was heard again after it was silent last. */
  recoveredAt: z.nullable(time),
  /** When to look at it again; null while it is silent. */
  lookAt: z.nullable(time),
});
export type State = z.output<typeof stateSchema>;

/** An entry for the bus. */
const announcementSchema = z.object({
  type: z.enum(["silent", "recovered", "unknown-action"]),
  /** Null where it is about the box itself. */
  device: z.nullable(z.string()),
  since: time,
  /** When it became silent, was heard again, or asked. */
  at: time,
  /** The wanted action that is not known, and the dialect of the report. */
  asked: z.exactOptional(z.object({ wantAction: z.string(), dialect: dialectName() })),
});
export type Announcement = z.output<typeof announcementSchema>;

/** The settings of a device by a person. */
const deviceSettingsSchema = z.object({
  /** Its display name; null for the name that the box sends. */
  label: z.nullable(z.string()),
  /** Null: as the box says. */
  direction: z.nullable(z.enum(setDirections)),
  /** Whether its passings count for who is inside. */
  counts: z.boolean(),
});
export type DeviceSettings = z.output<typeof deviceSettingsSchema>;

export const boxRecordSchema = z.object({
  box: z.string(),
  /** Null before the first sign. */
  activity: z.nullable(activitySchema),
  ...stateSchema.shape,
  /** The states of its devices. */
  devices: z.record(z.string(), stateSchema),
  /** The announcements for the bus, in order. */
  announcements: z.array(announcementSchema),
  /** Until then a process is putting them on the bus, ms. */
  leasedUntil: time,
  /** The settings by a person. */
  name: z._default(z.nullable(z.string()), null),
  site: z.nullable(z.string()),
  /** The time zone of its times without one, as `Asia/Shanghai`; null for the zone of its site. */
  zone: z._default(z.nullable(z.string()), null),
  /** When the zone was changed last, also that of its site or by a move to another one, ms; null if it never was. */
  zoneSetAt: z._default(z.nullable(time), null),
  afterMs: z.nullable(time),
  isExpected: z.boolean(),
  /** The settings of its devices by a person, by the keys of devices (`deviceKey`). */
  deviceSettings: z._default(z.record(z.string(), deviceSettingsSchema), {}),
});
export type BoxRecord = z.output<typeof boxRecordSchema>;

/** The state of a box or device that gave signs of life and was never looked at. */
export const heard: State = { silentSince: null, isAnnounced: false, recoveredAt: null, lookAt: null };

/** The record of a box without any known facts. */
export function newRecord(box: string): BoxRecord {
  return {
    box,
    activity: null,
    ...heard,
    devices: {},
    announcements: [],
    leasedUntil: 0,
    name: null,
    site: null,
    zone: null,
    zoneSetAt: null,
    afterMs: null,
    isExpected: false,
    deviceSettings: {},
  };
}

/** When a box must be looked at again; null while it is silent and announced, and before its first sign. */
export function lookAtOf(record: BoxRecord): number | null {
  const isWatched = record.silentSince === null && record.activity !== null;
  const states = isWatched ? [record, ...Object.values(record.devices)] : [];
  const times = states.flatMap(({ lookAt }) => lookAt ?? []);
  if (record.announcements.length > 0) times.push(record.leasedUntil);
  return times.length === 0 ? null : Math.min(...times);
}

export const receptionSchema = z.object({
  /** Since when it has received without a gap, ms. */
  since: time,
  /** When it noted the last beat. */
  until: time,
  /** The gaps of four weeks, from and to. */
  gaps: z.array(z.tuple([time, time])),
});
export type Reception = z.output<typeof receptionSchema>;

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

/**
 * A record as it is written. Most boxes have neither an unexpected dialect nor an unknown action, and a row over 1 KB
 * costs a write unit more.
 */
export function storedRecord(record: BoxRecord): object {
  if (record.activity === null) return record;
  const { unexpected, unknownAction, ...activity } = record.activity;
  return { ...record, activity: { ...activity, ...omitEmpty({ unexpected, unknownAction }) } };
}
