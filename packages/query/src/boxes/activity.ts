import { boxStatusKinds, dialectNames, hourMs, reportKinds } from "@gatepost/protocol";
import * as z from "zod/mini";
import { deviceSchema, devicesOf, type IsInterrupted, joinedDevices } from "./device-activity.ts";
import { joinedLife, lifeSchema } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import { joinedSerials, serialSchema, serialsOf } from "./serials.ts";
import type { BoxSign, ReportSign } from "./sign.ts";

/*
 * Sums of the signs of a box. They can be added to each other: a process adds up what it heard in a minute, and the
 * store adds that to its own sum.
 */

/** Days whose counts are kept. */
const countedDays = 7;

/** ms for which the best estimate of a box's clock is kept if no better one comes. */
const clockMs = hourMs;

const time = z.int();

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
  /** Signs of life; null where only requests were refused. */
  life: z.nullable(lifeSchema),
  kinds: z.partialRecord(z.enum([...reportKinds, ...boxStatusKinds, "unread"]), kindSchema),
  /** How far the box's clock is ahead of ours: the highest that was seen within the hour after `at`. */
  clock: z.nullable(z.object({ skewMs: time, at: time })),
  days: z.record(z.string(), daySchema),
  devices: z.record(z.string(), deviceSchema),
  /** The serials that reports and box status named. */
  serials: z.array(serialSchema),
});
export type BoxActivity = z.output<typeof activitySchema>;

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
    const [devices, serial] = "devices" in sign ? [sign.devices, sign.serial] : [[], null];
    const serials = serialsOf(serial, receivedAt);
    return { ...empty(), life, kinds: { [sign.kind]: kind }, devices: devicesOf(devices, life), serials };
  }
  const { dialect, sentAt, isFlagged, device } = sign;
  return {
    life,
    kinds: { [sign.kind]: { ...kind, dialect, lagMs: sentAt === null ? null : receivedAt - sentAt } },
    clock: clockOf(sign),
    days: { [day]: { ...nothing, reports: 1, flagged: isFlagged ? 1 : 0 } },
    devices: devicesOf(device === null ? [] : [device], life),
    serials: serialsOf(sign.serial, receivedAt),
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
    serials: joinedSerials(known.serials, heard.serials),
  };
}

function empty(): BoxActivity {
  return { life: null, kinds: {}, clock: null, days: {}, devices: {}, serials: [] };
}

/** What a report tells of the box's clock. Null where that is nothing: a backfill comes long after its passing. */
export function clockOf({ sentAt, receivedAt, kind }: ReportSign): BoxActivity["clock"] {
  return sentAt === null || kind === "backfill" ? null : { skewMs: sentAt - receivedAt, at: receivedAt };
}

/** The higher skew of an hour: a delay on the way makes the skew look lower, and never higher. */
export function betterClock(known: BoxActivity["clock"], heard: BoxActivity["clock"]): BoxActivity["clock"] {
  if (known === null || heard === null) return heard ?? known;
  return heard.skewMs >= known.skewMs || heard.at - known.at >= clockMs ? heard : known;
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
