import type { BoxActivity } from "./activity.ts";
import type { Life } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import type { BoxRecord, State } from "./record.ts";

/**
 * The record after the clock was set back: no time in it is later than now, and all of it is looked at. Otherwise a
 * sign from the future would stay the last one until that time comes, and silence would not begin or not end.
 */
export function setBack(record: BoxRecord, now: number, hours: LocalHours): BoxRecord {
  const { activity, devices, leasedUntil } = record;
  return {
    ...record,
    activity: activity === null ? null : activityBack(activity, now, hours),
    ...stateBack(record, now),
    devices: mapValues(devices, (state) => stateBack(state, now)),
    leasedUntil: Math.min(leasedUntil, now),
  };
}

function activityBack(activity: BoxActivity, now: number, hours: LocalHours): BoxActivity {
  const { life, kinds, clock, days, devices, serials } = activity;
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
    days: upToNow(days, hours.dayOf(now)),
    devices: mapValues(devices, lifeBack),
    serials: serials.map((one) => ({ ...one, first: Math.min(one.first, now), last: Math.min(one.last, now) })),
  };
}

function stateBack({ silentSince, isAnnounced, recoveredAt, lookAt }: State, now: number): State {
  const back = (time: number | null) => (time === null ? null : Math.min(time, now));
  return { silentSince: back(silentSince), isAnnounced, recoveredAt: back(recoveredAt), lookAt: back(lookAt) };
}

function mapValues<T>(values: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
