import { minuteMs } from "@gatepost/protocol";
import { type IsInterrupted, joined } from "./activity.ts";
import { type DeviceChange, withDeviceChange } from "./device-settings.ts";
import {
  type Announcement,
  type BoxActivity,
  type BoxRecord,
  type Hours,
  heard,
  type Life,
  type Pauses,
  type Reception,
  type State,
} from "./record.ts";
import { judge, missedWithin } from "./silence.ts";
import { zoneKnownForMs } from "./zones.ts";

/*
 * How the record of a box changes: pure functions from record to record. A store writes a record only if it is still as
 * it was read, so each change is made by one process.
 */

interface Context {
  hours: Hours;
  reception: Reception;
  now: number;
}

/** The record after new signs. A silent box or device that gave a sign of life is not silent any more. */
export function noted(record: BoxRecord, signs: BoxActivity, { hours, reception, now }: Context): BoxRecord {
  const isInterrupted: IsInterrupted = (from, to, device) => {
    const states = device === null ? [record] : [record, record.devices[device] ?? heard];
    return (
      missedWithin(reception, from, to) > 0 ||
      states.some(({ silentSince, recoveredAt }) => silentSince !== null || (recoveredAt ?? 0) > from)
    );
  };
  const activity = activityAfter(record, signs, hours, isInterrupted);
  const next: BoxRecord = { ...record, activity, announcements: [...record.announcements] };
  const made: Announcement[] = [];
  Object.assign(next, afterSign(record, activity.life, null, { now, made }));
  next.devices = Object.fromEntries(
    Object.entries(activity.devices).map(([id, life]) => [
      id,
      afterSign(record.devices[id] ?? heard, life, id, { now, made }),
    ]),
  );
  made.push(...unknownActionAsked(record.activity, signs, hours));
  return announcing(next, made, now);
}

/** The announcement of an action that is not known: of each box one a day. */
function unknownActionAsked(
  known: BoxActivity | null,
  { unknownAction: asked }: BoxActivity,
  hours: Hours,
): Announcement[] {
  if (asked === null) return [];
  const { last: at, ...what } = asked;
  const before = known?.unknownAction ?? null;
  if (before !== null && hours.dayOf(at) <= hours.dayOf(before.last)) return [];
  return [{ type: "unknown-action", device: null, since: at, at, asked: what }];
}

/**
 * The activity of a box after new signs. Times that were read in an earlier zone say nothing about its clock: processes
 * use the zone that they know for up to a minute.
 */
export function activityAfter(
  { activity, zoneSetAt }: Pick<BoxRecord, "activity" | "zoneSetAt">,
  signs: BoxActivity,
  hours: Hours,
  isInterrupted: IsInterrupted,
): BoxActivity {
  const { clock, late } = signs;
  const isOld = (at: number) => zoneSetAt !== null && at < zoneSetAt + zoneKnownForMs;
  const heard = {
    ...signs,
    clock: clock === null || isOld(clock.at) ? null : clock,
    late: late === null || isOld(late.from) ? null : late,
  };
  return activity === null ? heard : joined(activity, heard, hours, isInterrupted);
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

/** Everything due by now: the box itself (null) and its devices. */
export function dueIn(record: BoxRecord, now: number): (string | null)[] {
  if (record.activity === null || record.silentSince !== null) return [];
  const isDue = ({ lookAt }: State) => lookAt !== null && lookAt <= now;
  const devices = Object.entries(record.devices).flatMap(([id, state]) => (isDue(state) ? [id] : []));
  return isDue(record) ? [null, ...devices] : devices;
}

/**
 * The record after a look: a box or device that is quiet for longer than its rhythm becomes silent. Devices of a silent
 * box do not, because the box cannot report them.
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
      : // While the whole box was silent, the device does not count as silent.
        { life: { ...life, last: Math.max(life.last, record.recoveredAt ?? 0) }, afterMs: null, pauses, reception };
  const { isSilent, lookAt } = judge(watched, now, hours);
  return isSilent
    ? { silentSince: life.last, isAnnounced: !isExpected, recoveredAt, lookAt: null }
    : { silentSince: null, isAnnounced: false, recoveredAt, lookAt };
}

/** The settings of a box that a person may change; absent ones stay. */
export interface BoxSettings {
  name?: string | null;
  site?: string | null;
  zone?: string | null;
  afterMs?: number | null;
  isExpected?: boolean;
  /** The change of the settings of one device. */
  device?: DeviceChange;
}

/** The record with other settings. Silence that is not expected is announced; otherwise nothing changes at once. */
export function withSettings(record: BoxRecord, { device: change, ...settings }: BoxSettings, now: number): BoxRecord {
  const { deviceSettings } = record;
  const next = {
    ...record,
    ...settings,
    devices: { ...record.devices },
    ...afterZone(record, settings, now),
    deviceSettings: change === undefined ? deviceSettings : withDeviceChange(deviceSettings, change),
  };
  if (next.silentSince === null && next.activity !== null) next.lookAt = now;
  const made: Announcement[] = [];
  const stateAfter = (state: State, device: string | null): State => {
    if (next.isExpected || state.silentSince === null || state.isAnnounced) return state;
    made.push({ type: "silent", device, since: state.silentSince, at: now });
    return { ...state, isAnnounced: true };
  };
  next.isAnnounced = stateAfter(next, null).isAnnounced;
  for (const [id, state] of Object.entries(next.devices)) next.devices[id] = stateAfter(state, id);
  return announcing(next, made, now);
}

/** A known error of the clock belongs to the zone in which the times were read. Another site may have another one. */
function afterZone({ activity, zoneSetAt, ...before }: BoxRecord, set: BoxSettings, now: number) {
  const { zone = before.zone, site = before.site } = set;
  if (zone === before.zone && (zone !== null || site === before.site)) return { activity, zoneSetAt };
  return inOtherZone(activity, now);
}

function inOtherZone(activity: BoxActivity | null, now: number) {
  return { activity: activity && { ...activity, clock: null, late: null }, zoneSetAt: now };
}

/** The record after its site got another zone: a box with one of its own keeps it. */
export function withSiteZone(record: BoxRecord, now: number): BoxRecord {
  return record.zone === null ? { ...record, ...inOtherZone(record.activity, now) } : record;
}

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

/** The record once this process has taken its announcements; null if there are none, or another process has them. */
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

/**
 * The record after the clock was set back: no time in it is later than now, and all of it is looked at. Otherwise a
 * sign from the future would stay the last one until that time, and silence would not begin or not end.
 */
export function setBack(record: BoxRecord, now: number, hours: Hours): BoxRecord {
  const { activity, devices, leasedUntil, zoneSetAt } = record;
  return {
    ...record,
    zoneSetAt: zoneSetAt === null ? null : Math.min(zoneSetAt, now),
    activity: activity === null ? null : activityBack(activity, now, hours),
    ...stateBack(record, now),
    devices: mapValues(devices, (state) => stateBack(state, now)),
    leasedUntil: Math.min(leasedUntil, now),
  };
}

function activityBack(activity: BoxActivity, now: number, hours: Hours): BoxActivity {
  const { life, kinds, clock, late, days, devices, serials, unknownAction, unexpected } = activity;
  const upToNow = <T>(counted: Record<string, T>, last: number) =>
    Object.fromEntries(Object.entries(counted).filter(([number]) => Number(number) <= last));
  const lifeBack = <L extends Life>(one: L): L => ({
    ...one,
    first: Math.min(one.first, now),
    last: Math.min(one.last, now),
    pauses: upToNow(one.pauses, hours.hourOf(now)),
  });
  return {
    life: life === null ? null : lifeBack(life),
    kinds: mapValues(kinds, (kind) => ({ ...kind, last: Math.min(kind.last, now) })),
    clock: clock === null ? null : { ...clock, at: Math.min(clock.at, now) },
    late: late && { ...late, from: Math.min(late.from, now), to: Math.min(late.to, now) },
    days: upToNow(days, hours.dayOf(now)),
    devices: mapValues(devices, lifeBack),
    serials: serials.map((one) => ({ ...one, first: Math.min(one.first, now), last: Math.min(one.last, now) })),
    unexpected: unexpected.map((one) => ({ ...one, last: Math.min(one.last, now) })),
    unknownAction: unknownAction && { ...unknownAction, last: Math.min(unknownAction.last, now) },
  };
}

function stateBack({ silentSince, isAnnounced, recoveredAt, lookAt }: State, now: number): State {
  const back = (time: number | null) => (time === null ? null : Math.min(time, now));
  return { silentSince: back(silentSince), isAnnounced, recoveredAt: back(recoveredAt), lookAt: back(lookAt) };
}

function mapValues<T>(values: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

/** Removes the pauses of past hours from a record, because they do not change any more, and returns them by device. */
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
