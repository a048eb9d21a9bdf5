import { boxStatusKinds, deviceTypes, dialectNames, reportKinds } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { LocalHours } from "./local-hours.ts";
import type { BoxSign, DeviceSign, ReportSign } from "./sign.ts";

/*
 * What the signs of a box add up to. Sums of sums are sums: a process adds up what it heard in a minute, and the store
 * adds that to what it has.
 */

/** Devices of one box that are followed. A box that names a new one with each report must not fill the store. */
const maxDevices = 200;

/** Days whose counts are kept. */
const countedDays = 7;

/** ms for which the best guess at a box's clock stands, if no better one comes. */
const clockMs = 60 * 60_000;

const time = z.int();

/** The longest pause between two signs, by the hours (`LocalHours`) that it touched. */
const pausesSchema = z.record(z.string(), time);
export type Pauses = Record<string, number>;

const lifeSchema = z.object({ first: time, last: time, pauses: pausesSchema });
export type Life = z.output<typeof lifeSchema>;

const deviceSchema = z.object({
  ...lifeSchema.shape,
  name: z.nullable(z.string()),
  ip: z.nullable(z.string()),
  type: z.nullable(z.enum(deviceTypes)),
});
type DeviceActivity = z.output<typeof deviceSchema>;

const kindSchema = z.object({
  dialect: z.nullable(z.enum(dialectNames)),
  last: time,
  /** ms from the passing to the receipt of the last report; null where the box's clock says nothing. */
  lagMs: z.nullable(time),
  day: time,
  /** How many came on that day. */
  count: time,
});

const daySchema = z.object({ reports: time, flagged: time, refused: z.record(z.string(), time) });

export const activitySchema = z.object({
  /** Signs of life; null where there was none, only refusals. */
  life: z.nullable(lifeSchema),
  kinds: z.partialRecord(z.enum([...reportKinds, ...boxStatusKinds, "unread"]), kindSchema),
  /** How far the box's clock is ahead of ours: the highest that was seen within the hour after `at`. */
  clock: z.nullable(z.object({ skewMs: time, at: time })),
  days: z.record(z.string(), daySchema),
  devices: z.record(z.string(), deviceSchema),
});
export type BoxActivity = z.output<typeof activitySchema>;

/** Whether a pause must not count: because Gatepost did not receive, or the box was silent. */
export type IsInterrupted = (from: number, to: number, device: string | null) => boolean;

const neverInterrupted: IsInterrupted = () => false;

/** What one sign alone adds up to. */
export function activityOf(sign: BoxSign, hours: LocalHours): BoxActivity {
  const { receivedAt } = sign;
  const day = hours.dayOf(receivedAt);
  const life = { first: receivedAt, last: receivedAt, pauses: {} };
  const nothing = { reports: 0, flagged: 0, refused: {} };
  if (sign.kind === "refused") {
    return { ...empty(), days: { [day]: { ...nothing, refused: { [sign.status]: 1 } } } };
  }
  const kind = { dialect: null, last: receivedAt, lagMs: null, day, count: 1 };
  if (!("sentAt" in sign)) {
    const devices = "devices" in sign ? sign.devices : [];
    return { ...empty(), life, kinds: { [sign.kind]: kind }, devices: devicesOf(devices, life) };
  }
  const { dialect, sentAt, isFlagged, device } = sign;
  return {
    life,
    kinds: { [sign.kind]: { ...kind, dialect, lagMs: sentAt === null ? null : receivedAt - sentAt } },
    clock: clockOf(sign),
    days: { [day]: { ...nothing, reports: 1, flagged: isFlagged ? 1 : 0 } },
    devices: devicesOf(device === null ? [] : [device], life),
  };
}

/** Adds what was heard later to what was known. */
export function joined(
  known: BoxActivity,
  heard: BoxActivity,
  hours: LocalHours,
  isInterrupted: IsInterrupted = neverInterrupted,
): BoxActivity {
  return {
    life: joinedLife(known.life, heard.life, hours, (from, to) => isInterrupted(from, to, null)),
    kinds: joinedKinds(known.kinds, heard.kinds),
    clock: betterClock(known.clock, heard.clock),
    days: joinedDays(known.days, heard.days),
    devices: joinedDevices(known.devices, heard.devices, hours, isInterrupted),
  };
}

function empty(): BoxActivity {
  return { life: null, kinds: {}, clock: null, days: {}, devices: {} };
}

/** A report that comes long after its passing says nothing of the clock, and no other says less than the soonest one. */
export function clockOf({ sentAt, receivedAt, kind }: ReportSign): BoxActivity["clock"] {
  return sentAt === null || kind === "backfill" ? null : { skewMs: sentAt - receivedAt, at: receivedAt };
}

export function betterClock(known: BoxActivity["clock"], heard: BoxActivity["clock"]): BoxActivity["clock"] {
  if (known === null || heard === null) return heard ?? known;
  return heard.skewMs >= known.skewMs || heard.at - known.at >= clockMs ? heard : known;
}

function devicesOf(devices: readonly DeviceSign[], life: Life): BoxActivity["devices"] {
  return Object.fromEntries(
    devices.map(({ id, name, ip, type }): [string, DeviceActivity] => [id, { ...life, pauses: {}, name, ip, type }]),
  );
}

export function joinedLife<L extends Life>(
  known: L | null,
  heard: L | null,
  hours: LocalHours,
  isInterrupted: (from: number, to: number) => boolean = () => false,
): L | null {
  if (known === null || heard === null) return heard ?? known;
  const pauses = joinedPauses(known.pauses, heard.pauses);
  // What came in between is not a pause; what is older than both is no news.
  if (heard.first >= known.last && !isInterrupted(known.last, heard.first)) {
    addPause(pauses, known.last, heard.first, hours);
  }
  return {
    ...known,
    ...heard,
    first: Math.min(known.first, heard.first),
    last: Math.max(known.last, heard.last),
    pauses,
  };
}

/** Pauses of both; of one hour the longer one. */
export function joinedPauses(one: Pauses, other: Pauses): Pauses {
  const pauses = { ...one };
  for (const [hour, pause] of Object.entries(other)) pauses[hour] = Math.max(pauses[hour] ?? 0, pause);
  return pauses;
}

/** No pause is longer: beyond, nobody would call what comes after it the usual. */
const maxPauseMs = 28 * 24 * 60 * 60_000;

/** Notes a pause in each hour that it touched. */
function addPause(pauses: Pauses, from: number, to: number, hours: LocalHours): void {
  if (to - from > maxPauseMs) return;
  for (let at = from; at <= to; at = hours.nextHour(at)) {
    const hour = hours.hourOf(at);
    pauses[hour] = Math.max(pauses[hour] ?? 0, to - from);
  }
}

function joinedKinds(known: BoxActivity["kinds"], heard: BoxActivity["kinds"]): BoxActivity["kinds"] {
  const kinds = { ...known };
  for (const kind of [...reportKinds, ...boxStatusKinds, "unread"] as const) {
    const [before, now] = [known[kind], heard[kind]];
    if (before === undefined || now === undefined) {
      if (now !== undefined) kinds[kind] = now;
      continue;
    }
    const [older, newer] = now.last >= before.last ? [before, now] : [now, before];
    kinds[kind] = { ...newer, count: newer.count + (older.day === newer.day ? older.count : 0) };
  }
  return kinds;
}

function joinedDays(known: BoxActivity["days"], heard: BoxActivity["days"]): BoxActivity["days"] {
  const days = { ...known };
  for (const [day, { reports, flagged, refused }] of Object.entries(heard)) {
    const before = days[day] ?? { reports: 0, flagged: 0, refused: {} };
    const all = { ...before.refused };
    for (const [status, count] of Object.entries(refused)) all[status] = (all[status] ?? 0) + count;
    days[day] = { reports: before.reports + reports, flagged: before.flagged + flagged, refused: all };
  }
  const newest = Object.keys(days).sort((a, b) => Number(b) - Number(a));
  for (const day of newest.slice(countedDays)) delete days[day];
  return days;
}

function joinedDevices(
  known: BoxActivity["devices"],
  heard: BoxActivity["devices"],
  hours: LocalHours,
  isInterrupted: IsInterrupted,
): BoxActivity["devices"] {
  const devices = new Map(Object.entries(known));
  for (const [sent, device] of Object.entries(heard)) {
    const id = knownAs(devices, sent, device);
    const before = devices.get(id) ?? null;
    if (before === null && devices.size >= maxDevices) continue;
    devices.set(
      id,
      joinedDevice(before, device, hours, (from, to) => isInterrupted(from, to, id)),
    );
  }
  return Object.fromEntries(devices);
}

export function joinedDevice(
  known: DeviceActivity | null,
  heard: DeviceActivity,
  hours: LocalHours,
  isInterrupted?: (from: number, to: number) => boolean,
): DeviceActivity {
  const life = joinedLife(known, heard, hours, isInterrupted) ?? heard;
  const [name, ip, type] = [heard.name ?? known?.name, heard.ip ?? known?.ip, heard.type ?? known?.type];
  return { ...life, name: name ?? null, ip: ip ?? null, type: type ?? null };
}

/**
 * A real-time report names a device by its address alone, a history report by its ep_id: one device, whichever came
 * first. Where several have the address, it is not known which of them it is.
 */
function knownAs(devices: Map<string, DeviceActivity>, id: string, { ip }: DeviceActivity): string {
  if (devices.has(id) || ip === null) return id;
  if (id !== ip) {
    const byAddress = devices.get(ip);
    if (byAddress !== undefined) {
      devices.delete(ip);
      devices.set(id, byAddress);
    }
    return id;
  }
  const named = [...devices].filter(([, device]) => device.ip === ip);
  return named.length === 1 ? (named[0]?.[0] ?? id) : id;
}
