import { type Log, LogOnce } from "@gatepost/ingest";

/** Logs what boxes said of themselves that cannot be read. */
export function unreadableStatuses(log: Log): LogOnce {
  return new LogOnce(log, "the last status of a box cannot be read, and counts as missing");
}
