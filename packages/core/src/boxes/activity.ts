import { boxStatusKinds, dayMs, hourMs, isCheckBox, limits, minuteMs, reportKinds, secondMs } from "@gatepost/protocol";
import type { BoxActivity, DeviceActivity, Devices, Hours, Life, NamedSerial, Pauses } from "./record.ts";
import type { BoxSign, DeviceSign, ReportSign } from "./signs.ts";

/*
 * Sums of the signs of a box. They can be added to each other: a process adds up the signs of a minute, and the store
 * adds the result to its own sum.
 */

/** Days whose counts are kept. */
const countedDays = 7;

/** ms for which the best estimate of a box's clock is kept if there is no better one. */
const clockMs = hourMs;

/** ms after its passing from which a record may be one that the box kept. */
const lateMs = minuteMs;

/** Late records show a clock that is behind if so many of them, over so many ms, have the same lag. */
const steady = { count: 3, forMs: 5 * minuteMs };

/** ms by which lags that are the same may differ: some boxes look for new passings every 20 s. */
const sameLagMs = 30 * secondMs;

const neverInterrupted: IsInterrupted = () => false;

/** The sum of a single sign. */
export function activityOf(sign: BoxSign, hours: Hours): BoxActivity {
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
    ...clocksOf(sign),
    days: { [day]: { ...nothing, reports: 1, flagged: isFlagged ? 1 : 0 } },
    devices: devicesOf(device === null ? [] : [device], life),
    serials: serialsOf(sign.serial, receivedAt),
    unknownAction: unknownActionOf(sign),
    unexpected: unexpectedOf(sign),
  };
}

/** Adds later signs to earlier activity. */
export function joined(
  known: BoxActivity,
  heard: BoxActivity,
  hours: Hours,
  isInterrupted: IsInterrupted = neverInterrupted,
): BoxActivity {
  return {
    life: joinedLife(known.life, heard.life, hours, (from, to) => isInterrupted(from, to, null)),
    kinds: joinedKinds(known.kinds, heard.kinds),
    ...joinedClocks(known, heard),
    days: joinedDays(known.days, heard.days),
    devices: joinedDevices(known.devices, heard.devices, hours, isInterrupted),
    serials: joinedSerials(known.serials, heard.serials),
    unknownAction: laterAction(known.unknownAction, heard.unknownAction),
    unexpected: joinedUnexpected(known.unexpected, heard.unexpected),
  };
}

function empty(): BoxActivity {
  return {
    life: null,
    kinds: {},
    clock: null,
    late: null,
    days: {},
    devices: {},
    serials: [],
    unknownAction: null,
    unexpected: [],
  };
}

/** Unexpected dialects of one box that are kept: the ones that were received last. */
const maxUnexpected = 8;

function unexpectedOf({ unexpectedAt, dialect, receivedAt }: ReportSign): BoxActivity["unexpected"] {
  return unexpectedAt === undefined ? [] : [{ type: unexpectedAt, dialect, last: receivedAt }];
}

/** The unexpected dialects of both, the one that was received last first. */
function joinedUnexpected(known: BoxActivity["unexpected"], heard: BoxActivity["unexpected"]) {
  if (heard.length === 0) return known;
  const newestFirst = [...known, ...heard].sort((a, b) => b.last - a.last);
  const isFirst = (one: (typeof newestFirst)[number], at: number) =>
    newestFirst.findIndex(({ type, dialect }) => type === one.type && dialect === one.dialect) === at;
  return newestFirst.filter(isFirst).slice(0, maxUnexpected);
}

function unknownActionOf({ unknownAction, dialect, receivedAt }: ReportSign): BoxActivity["unknownAction"] {
  return unknownAction === undefined ? null : { wantAction: unknownAction, dialect, last: receivedAt };
}

function laterAction(known: BoxActivity["unknownAction"], heard: BoxActivity["unknownAction"]) {
  return known === null || (heard !== null && heard.last > known.last) ? heard : known;
}

type Clocks = Pick<BoxActivity, "clock" | "late">;

/**
 * The clock of the box by a report. A record may be late because the box kept it, and shows a clock that is behind only
 * together with others; a real-time report is never kept.
 */
function clocksOf({ sentAt, receivedAt: at, kind }: ReportSign): Clocks {
  if (sentAt === null) return { clock: null, late: null };
  const skewMs = sentAt - at;
  return kind === "realtime" || skewMs > -lateMs
    ? { clock: { skewMs, at }, late: null }
    : { clock: null, late: { skewMs, from: at, to: at, count: 1 } };
}

/** A box that brings what it has kept sends it at once, with many lags. If its clock is behind, one lag stays. */
function joinedClocks(known: Clocks, heard: Clocks): Clocks {
  const clock = betterClock(known.clock, heard.clock);
  const late = joinedLate(known, heard);
  const isSteady = late !== null && late.count >= steady.count && late.to - late.from >= steady.forMs;
  return { clock: isSteady ? betterClock(clock, { skewMs: late.skewMs, at: late.to }) : clock, late };
}

/** A report in time ends a run of late ones, and so does another lag. */
function joinedLate({ late: known }: Clocks, { clock, late: heard }: Clocks): BoxActivity["late"] {
  if (heard === null) return clock === null ? known : null;
  if (known === null || clock !== null || Math.abs(heard.skewMs - known.skewMs) > sameLagMs) return heard;
  // The lag of the first is kept: it shrinks step by step if a box brings kept records.
  return { ...known, to: Math.max(known.to, heard.to), count: known.count + heard.count };
}

/** The higher skew of an hour: a delay on the way makes the skew look lower, and never higher. */
function betterClock(known: BoxActivity["clock"], heard: BoxActivity["clock"]): BoxActivity["clock"] {
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

/**
 * Adds a report to the sum of its box in place, with the same result as `joined`, at a quarter of the cost. Returns
 * false and adds nothing if that is not possible: for a sign that is not a report, is older than the last one, or is
 * the first of its kind, day or device.
 */
function addReport(sum: BoxActivity, sign: BoxSign, hours: Hours): boolean {
  if (!("sentAt" in sign)) return false;
  const { kind, receivedAt, dialect, sentAt, isFlagged, device, serial } = sign;
  const day = hours.dayOf(receivedAt);
  const [ofKind, ofDay] = [sum.kinds[kind], sum.days[day]];
  if (ofKind === undefined || ofKind.last > receivedAt || ofDay === undefined) return false;
  if (device !== null && !addDevice(sum.devices, device, { receivedAt, hours })) return false;
  const count = ofKind.day === day ? ofKind.count + 1 : 1;
  sum.life = joinedLife(sum.life, { first: receivedAt, last: receivedAt, pauses: {} }, hours);
  sum.kinds[kind] = { dialect, last: receivedAt, lagMs: sentAt === null ? null : receivedAt - sentAt, day, count };
  sum.serials = joinedSerials(sum.serials, serialsOf(serial, receivedAt));
  sum.unknownAction = laterAction(sum.unknownAction, unknownActionOf(sign));
  sum.unexpected = joinedUnexpected(sum.unexpected, unexpectedOf(sign));
  Object.assign(sum, joinedClocks(sum, clocksOf(sign)));
  sum.days[day] = { ...ofDay, reports: ofDay.reports + 1, flagged: ofDay.flagged + (isFlagged ? 1 : 0) };
  return true;
}

function addDevice(
  devices: BoxActivity["devices"],
  device: DeviceSign,
  { receivedAt, hours }: { receivedAt: number; hours: Hours },
): boolean {
  const { id, endpoint } = device;
  const known = Object.hasOwn(devices, id) ? devices[id] : undefined;
  const isTwice = endpoint !== null && endpoint !== id && Object.hasOwn(devices, endpoint);
  if (known === undefined || isTwice) return false;
  devices[id] = joinedDevice(known, deviceOf(device, { first: receivedAt, last: receivedAt }), hours);
  return true;
}

/** Whether a pause must not count, because Gatepost did not receive then, or the box was silent. */
export type IsInterrupted = (from: number, to: number, device: string | null) => boolean;

function devicesOf(devices: readonly DeviceSign[], life: Pick<Life, "first" | "last">): Devices {
  return Object.fromEntries(
    devices
      .slice(0, limits.devicesOfBox)
      .map((device): [string, DeviceActivity] => [device.id, deviceOf(device, life)]),
  );
}

/** A device with only one known sign. */
function deviceOf(
  { endpoint, name, ip, type, direction }: DeviceSign,
  { first, last }: Pick<Life, "first" | "last">,
): DeviceActivity {
  return { first, last, pauses: {}, endpoint, name, ip, type, directions: direction === undefined ? [] : [direction] };
}

function joinedDevices(known: Devices, heard: Devices, hours: Hours, isInterrupted: IsInterrupted): Devices {
  const devices = new Map(Object.entries(known));
  for (const [sent, device] of Object.entries(heard)) {
    const id = knownAs(devices, sent, device);
    const before = devices.get(id) ?? null;
    if (before === null && devices.size >= limits.devicesOfBox) continue;
    devices.set(
      id,
      joinedDevice(before, device, hours, (from, to) => isInterrupted(from, to, id)),
    );
  }
  return Object.fromEntries(devices);
}

function joinedDevice(
  known: DeviceActivity | null,
  heard: DeviceActivity,
  hours: Hours,
  isInterrupted?: (from: number, to: number) => boolean,
): DeviceActivity {
  const life = joinedLife(known, heard, hours, isInterrupted) ?? heard;
  return { ...life, ...factsOf(heard, known) };
}

/** The facts of a device, from `preferred`, completed from `other`. */
function factsOf(preferred: DeviceActivity, other: DeviceActivity | null) {
  return {
    endpoint: preferred.endpoint ?? other?.endpoint ?? null,
    name: preferred.name ?? other?.name ?? null,
    ip: preferred.ip ?? other?.ip ?? null,
    type: preferred.type ?? other?.type ?? null,
    directions: other === null ? preferred.directions : joinedDirections(preferred.directions, other.directions),
  };
}

function joinedDirections(one: DeviceActivity["directions"], other: DeviceActivity["directions"]) {
  return (["in", "out"] as const).filter((direction) => one.includes(direction) || other.includes(direction));
}

/**
 * A notice names a device by its ep_id, a real-time report only by its address, a history report by an id as well: all
 * are one device, in any order. If several devices have the ep_id or the address, it is not known which of them it is.
 */
function knownAs(devices: Map<string, DeviceActivity>, id: string, { ip, endpoint }: DeviceActivity): string {
  if (endpoint !== null && endpoint !== id) rename(devices, endpoint, id);
  if (devices.has(id)) return id;
  const called = onlyOne(devices, (device) => device.endpoint === id);
  if (called !== null) return called;
  if (ip === null) return id;
  if (id === ip) return onlyOne(devices, (device) => device.ip === ip) ?? id;
  rename(devices, ip, id);
  return id;
}

function onlyOne(devices: Map<string, DeviceActivity>, isIt: (device: DeviceActivity) => boolean): string | null {
  const [found, another] = [...devices].filter(([, device]) => isIt(device));
  return found !== undefined && another === undefined ? found[0] : null;
}

/** Moves activity under another name of a device to its id. */
function rename(devices: Map<string, DeviceActivity>, from: string, id: string): void {
  const [lesser, device] = [devices.get(from), devices.get(id)];
  if (lesser === undefined) return;
  devices.delete(from);
  devices.set(id, device === undefined ? lesser : both(device, lesser));
}

function both(device: DeviceActivity, lesser: DeviceActivity): DeviceActivity {
  return {
    first: Math.min(device.first, lesser.first),
    last: Math.max(device.last, lesser.last),
    pauses: joinedPauses(device.pauses, lesser.pauses),
    ...factsOf(device, lesser),
  };
}

function joinedLife<L extends Life>(
  known: L | null,
  heard: L | null,
  hours: Hours,
  isInterrupted: (from: number, to: number) => boolean = () => false,
): L | null {
  if (known === null || heard === null) return heard ?? known;
  // Signs that are older than the last known one, as of a replay, say nothing about pauses: other signs were between
  // them.
  const isLater = heard.first >= known.last;
  const pauses = isLater ? joinedPauses(known.pauses, heard.pauses) : { ...known.pauses };
  if (isLater && !isInterrupted(known.last, heard.first)) addPause(pauses, known.last, heard.first, hours);
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

/** A longer pause is not noted: it is not the usual rhythm of a box. */
const maxPauseMs = 28 * dayMs;

/** Notes a pause in each hour that it touched. */
function addPause(pauses: Pauses, from: number, to: number, hours: Hours): void {
  if (to - from > maxPauseMs) return;
  for (let at = from; at <= to; at = hours.nextHour(at)) {
    const hour = hours.hourOf(at);
    pauses[hour] = Math.max(pauses[hour] ?? 0, to - from);
  }
}

/** Serials of one box that are kept: the ones that were named last. */
const maxSerials = 4;

export function serialsOf(serial: string | null | undefined, at: number): NamedSerial[] {
  return serial === null || serial === undefined ? [] : [{ serial, first: at, last: at }];
}

/** The serials of both, the one that was named last first. */
export function joinedSerials(known: readonly NamedSerial[], heard: readonly NamedSerial[]): NamedSerial[] {
  const all = new Map(known.map((one) => [one.serial, one]));
  for (const { serial, first, last } of heard) {
    const before = all.get(serial) ?? { first, last };
    all.set(serial, { serial, first: Math.min(before.first, first), last: Math.max(before.last, last) });
  }
  const newest = (a: NamedSerial, b: NamedSerial) => b.last - a.last || (a.serial < b.serial ? -1 : 1);
  return [...all.values()].sort(newest).slice(0, maxSerials);
}

/**
 * Adds up signs by their boxes, without the box of checks.
 *
 * @param sums the sums to add to. They are changed in place and returned
 */
export function summed(
  signs: Iterable<BoxSign>,
  hours: Hours,
  sums = new Map<string, BoxActivity>(),
): Map<string, BoxActivity> {
  for (const sign of signs) {
    if (isCheckBox(sign.box)) continue;
    const sum = sums.get(sign.box);
    if (sum !== undefined && addReport(sum, sign, hours)) continue;
    const activity = activityOf(sign, hours);
    sums.set(sign.box, sum === undefined ? activity : joined(sum, activity, hours));
  }
  return sums;
}
