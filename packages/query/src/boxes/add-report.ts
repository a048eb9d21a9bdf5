import { type BoxActivity, betterClock, clockOf } from "./activity.ts";
import { deviceOf, joinedDevice } from "./device-activity.ts";
import { joinedLife } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import { joinedSerials, serialsOf } from "./serials.ts";
import type { BoxSign, DeviceSign } from "./sign.ts";

/**
 * Adds a report to the sum of its box in place, with the same result as `joined`, at a quarter of the cost. Returns
 * false and adds nothing where that is not possible: for a sign that is not a report, is older than the last one, or is
 * the first of its kind, day or device.
 */
export function addReport(sum: BoxActivity, sign: BoxSign, hours: LocalHours): boolean {
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
  sum.clock = betterClock(sum.clock, clockOf(sign));
  sum.days[day] = { ...ofDay, reports: ofDay.reports + 1, flagged: ofDay.flagged + (isFlagged ? 1 : 0) };
  return true;
}

function addDevice(
  devices: BoxActivity["devices"],
  device: DeviceSign,
  { receivedAt, hours }: { receivedAt: number; hours: LocalHours },
): boolean {
  const { id, endpoint } = device;
  const known = Object.hasOwn(devices, id) ? devices[id] : undefined;
  const isTwice = endpoint !== null && endpoint !== id && Object.hasOwn(devices, endpoint);
  if (known === undefined || isTwice) return false;
  devices[id] = joinedDevice(known, deviceOf(device, { first: receivedAt, last: receivedAt }), hours);
  return true;
}
