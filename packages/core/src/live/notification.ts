import { deviceName, type FaceEvent, isCheckBox, merge, type Report, type StoredEvent } from "@gatepost/protocol";
import type { LiveConfiguration } from "./configuration.ts";

/** A write that made an event, or added a report to it. */
export interface LiveChange {
  event: FaceEvent;
  /** The event as it was before; null where there was none. */
  before: FaceEvent | null;
}

/** Makes the change that some reports of an event were: those that are `later`. */
export function changeBy(event: StoredEvent, isLater: (report: Report) => boolean): LiveChange {
  const reports = event.reports.filter((report) => !isLater(report));
  return { event: merge(event), before: reports.length === 0 ? null : merge({ ...event, reports }) };
}

/**
 * What a change means for a client: a new event, an update, or nothing (null). An event may match a configuration only
 * after a later report names the device or the person; it is new to the client then.
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
  const device = deviceName(event.device);
  const isOfAll = devices.has("*") && !isCheckBox(event.box.id);
  const isOfDevice = isOfAll || (device !== null && devices.has(device));
  return isOfDevice && (types?.has(event.person.type) ?? true) && (boxes?.has(event.box.id) ?? true);
}
