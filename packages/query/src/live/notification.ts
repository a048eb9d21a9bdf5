import { deviceName, type FaceEvent, merge, type Report, type StoredEvent } from "@gatepost/protocol";
import type { LiveConfiguration } from "./configuration.ts";

/** A write that made an event, or added a report to it. */
export interface LiveChange {
  event: FaceEvent;
  /** The event as it was before; null where there was none. */
  before: FaceEvent | null;
}

/** The change that some of an event's reports were: those that are `later`. */
export function changeBy(event: StoredEvent, isLater: (report: Report) => boolean): LiveChange {
  const reports = event.reports.filter((report) => !isLater(report));
  return { event: merge(event), before: reports.length === 0 ? null : merge({ ...event, reports }) };
}

/**
 * What a change is to a client: new, an update, or nothing. An event may become one that it asked for only when a later
 * report tells the device or the person; then that is when it is new.
 */
export function notificationFor(
  { event, before }: LiveChange,
  configuration: LiveConfiguration,
): { isUpdate: boolean } | null {
  if (!isWanted(event, configuration)) return null;
  const isUpdate = before !== null && isWanted(before, configuration);
  return isUpdate && !configuration.form.updates ? null : { isUpdate };
}

function isWanted(event: FaceEvent, { devices, types, boxes }: LiveConfiguration): boolean {
  const isOfDevice = devices.has("*") || devices.has(deviceName(event.device) ?? "*");
  return isOfDevice && (types?.has(event.person.type) ?? true) && (boxes?.has(event.box.id) ?? true);
}
