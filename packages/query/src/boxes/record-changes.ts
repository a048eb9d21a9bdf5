import { type BoxActivity, joined } from "./activity.ts";
import { announcing } from "./announcements.ts";
import type { IsInterrupted } from "./device-activity.ts";
import type { Life, Pauses } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import { missedWithin, type Reception } from "./reception.ts";
import { type Announcement, type BoxRecord, heard, type State } from "./record.ts";
import { judge } from "./silence.ts";

/*
 * How the record of a box changes: pure functions from record to record. A store writes a record only if it is still as
 * it was read, so each change is made by one process.
 */

interface Context {
  hours: LocalHours;
  reception: Reception;
  now: number;
}

/** The record after new signs. A silent box or device that gave a sign of life is not silent any more. */
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

/** What a person may set of a box; what is absent stays. */
export interface BoxSettings {
  site?: string | null;
  afterMs?: number | null;
  isExpected?: boolean;
}

/** The record with other settings. Silence that is not expected is announced; otherwise nothing changes at once. */
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
