import * as z from "zod/mini";
import { activitySchema, type BoxActivity, joined } from "./activity.ts";
import type { IsInterrupted } from "./device-activity.ts";
import type { Life, Pauses } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import { missedWithin, type Reception } from "./reception.ts";
import { judge } from "./silence.ts";

/*
 * What is stored of a box, and how it changes: pure functions from record to record. A store writes a record only where
 * it is still as it was read, so of several processes one makes each change.
 */

const time = z.int();

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

/** An entry that is to be put on the bus. */
const announcementSchema = z.object({
  type: z.enum(["silent", "recovered"]),
  /** Null where it is about the box itself. */
  device: z.nullable(z.string()),
  since: time,
  /** When it became silent or was heard again. */
  at: time,
});
export type Announcement = z.output<typeof announcementSchema>;

export const boxRecordSchema = z.object({
  box: z.string(),
  /** Null before the first sign. */
  activity: z.nullable(activitySchema),
  ...stateSchema.shape,
  /** The states of its devices. */
  devices: z.record(z.string(), stateSchema),
  /** In the order in which they are to be put on the bus. */
  announcements: z.array(announcementSchema),
  /** Until then a process is putting them on the bus, ms. */
  leasedUntil: time,
  /** What a person has set. */
  site: z.nullable(z.string()),
  afterMs: z.nullable(time),
  isExpected: z.boolean(),
});
export type BoxRecord = z.output<typeof boxRecordSchema>;

/** ms for which the process that made an announcement, or has taken it, is left alone with it. */
const leaseMs = 60_000;

const heard: State = { silentSince: null, isAnnounced: false, recoveredAt: null, lookAt: null };

/** The record of a box of which nothing is known. */
export function newRecord(box: string): BoxRecord {
  return {
    ...{ box, activity: null, ...heard, devices: {}, announcements: [], leasedUntil: 0 },
    ...{ site: null, afterMs: null, isExpected: false },
  };
}

interface Context {
  hours: LocalHours;
  reception: Reception;
  now: number;
}

/** The record after signs were heard: what was silent and gave a sign of life is silent no more. */
export function withSigns(record: BoxRecord, signs: BoxActivity, { hours, reception, now }: Context): BoxRecord {
  const isInterrupted: IsInterrupted = (from, to, device) => {
    const states = device === null ? [record] : [record, record.devices[device] ?? heard];
    return (
      missedWithin(reception, from, to) > 0 ||
      states.some(({ silentSince, recoveredAt }) => silentSince !== null || (recoveredAt ?? 0) > from)
    );
  };
  const activity = record.activity === null ? signs : joined(record.activity, signs, hours, isInterrupted);
  const next: BoxRecord = { ...record, activity, announcements: [...record.announcements] };
  const made: Announcement[] = [];
  Object.assign(next, afterSign(record, activity.life, null, { now, made }));
  next.devices = Object.fromEntries(
    Object.entries(activity.devices).map(([id, life]) => [
      id,
      afterSign(record.devices[id] ?? heard, life, id, { now, made }),
    ]),
  );
  return announcing(next, made, now);
}

function afterSign(
  state: State,
  life: Life | null,
  device: string | null,
  { now, made }: { now: number; made: Announcement[] },
): State {
  const { silentSince: since, isAnnounced } = state;
  if (life === null) return heard;
  const { recoveredAt } = state;
  if (since === null) return { silentSince: null, isAnnounced: false, recoveredAt, lookAt: state.lookAt ?? now };
  if (life.last <= since) return { silentSince: since, isAnnounced, recoveredAt, lookAt: state.lookAt };
  if (isAnnounced) made.push({ type: "recovered", device, since, at: life.last });
  return { silentSince: null, isAnnounced: false, recoveredAt: life.last, lookAt: now };
}

/** The pauses that decide about a box or one of its devices. */
export type PausesOf = (device: string | null) => Pauses;

/** What is to be looked at by now: the box itself (null) and its devices. */
export function dueIn(record: BoxRecord, now: number): (string | null)[] {
  if (record.activity === null || record.silentSince !== null) return [];
  const isDue = ({ lookAt }: State) => lookAt !== null && lookAt <= now;
  const devices = Object.entries(record.devices).flatMap(([id, state]) => (isDue(state) ? [id] : []));
  return isDue(record) ? [null, ...devices] : devices;
}

/** When a box is to be looked at again; null while it is silent and announced, and before its first sign. */
export function lookAtOf(record: BoxRecord): number | null {
  const isWatched = record.silentSince === null && record.activity !== null;
  const states = isWatched ? [record, ...Object.values(record.devices)] : [];
  const times = states.flatMap(({ lookAt }) => lookAt ?? []);
  if (record.announcements.length > 0) times.push(record.leasedUntil);
  return times.length === 0 ? null : Math.min(...times);
}

/**
 * The record after it was looked at: what is silent beyond its rhythm becomes silent. A device of a silent box does not,
 * because its box cannot tell of it.
 */
export function afterLook(record: BoxRecord, pausesOf: PausesOf, context: Context): BoxRecord {
  const made: Announcement[] = [];
  let next: BoxRecord = { ...record, devices: { ...record.devices } };
  for (const device of dueIn(record, context.now)) {
    if (next.silentSince !== null) break;
    const after = stateAfterLook(record, device, pausesOf(device), context);
    const { silentSince: since, isAnnounced } = after;
    if (since !== null && isAnnounced) made.push({ type: "silent", device, since, at: context.now });
    if (device === null) next = { ...next, ...after };
    else next.devices[device] = after;
  }
  return announcing(next, made, context.now);
}

function stateAfterLook(
  record: BoxRecord,
  device: string | null,
  pauses: Pauses,
  { hours, reception, now }: Context,
): State {
  const { activity, afterMs, isExpected } = record;
  const life = (device === null ? activity?.life : activity?.devices[device]) ?? { first: now, last: now };
  const { recoveredAt } = (device === null ? record : record.devices[device]) ?? heard;
  const watched =
    device === null
      ? { life, afterMs, pauses, reception }
      : // The time in which its box was silent is not its own.
        { life: { ...life, last: Math.max(life.last, record.recoveredAt ?? 0) }, afterMs: null, pauses, reception };
  const { isSilent, lookAt } = judge(watched, now, hours);
  return isSilent
    ? { silentSince: life.last, isAnnounced: !isExpected, recoveredAt, lookAt: null }
    : { silentSince: null, isAnnounced: false, recoveredAt, lookAt };
}

/** What a person may set of a box; what is absent stays. */
export interface BoxSettings {
  site?: string | null;
  afterMs?: number | null;
  isExpected?: boolean;
}

/** The record with other settings. Whoever is silent and not expected to be is announced; else nothing changes at once. */
export function withSettings(record: BoxRecord, settings: BoxSettings, now: number): BoxRecord {
  const next = { ...record, ...settings, devices: { ...record.devices } };
  if (next.silentSince === null && next.activity !== null) next.lookAt = now;
  const made: Announcement[] = [];
  const announced = (state: State, device: string | null): State => {
    if (next.isExpected || state.silentSince === null || state.isAnnounced) return state;
    made.push({ type: "silent", device, since: state.silentSince, at: now });
    return { ...state, isAnnounced: true };
  };
  next.isAnnounced = announced(next, null).isAnnounced;
  for (const [id, state] of Object.entries(next.devices)) next.devices[id] = announced(state, id);
  return announcing(next, made, now);
}

/**
 * Leaves the announcements to the process that makes this change, for a while; or to the one that is putting earlier ones
 * on the bus.
 */
function announcing(record: BoxRecord, made: readonly Announcement[], now: number): BoxRecord {
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

/** Parts a record from the pauses of hours that are over, which do not change any more, by device. */
export function partPauses(
  record: BoxRecord,
  hour: number,
): { record: BoxRecord; over: { device: string | null; pauses: Pauses }[] } {
  const { activity } = record;
  if (activity === null) return { record, over: [] };
  const over: { device: string | null; pauses: Pauses }[] = [];
  const parted = <L extends Life>(life: L, device: string | null): L => {
    const [done, open] = partedAt(life.pauses, hour);
    if (Object.keys(done).length > 0) over.push({ device, pauses: done });
    return { ...life, pauses: open };
  };
  const life = activity.life === null ? null : parted(activity.life, null);
  const devices = Object.fromEntries(Object.entries(activity.devices).map(([id, device]) => [id, parted(device, id)]));
  return { record: { ...record, activity: { ...activity, life, devices } }, over };
}

function partedAt(pauses: Pauses, hour: number): [over: Pauses, open: Pauses] {
  const entries = Object.entries(pauses);
  return [
    Object.fromEntries(entries.filter(([of]) => Number(of) < hour)),
    Object.fromEntries(entries.filter(([of]) => Number(of) >= hour)),
  ];
}
