import { type Log, LogOnce } from "@gatepost/ingest";

/** Logs jobs that cannot be read. */
export function unreadableJobs(log: Log): LogOnce {
  return new LogOnce(log, "a job cannot be read, and counts as none");
}

/** Logs what boxes said of themselves that cannot be read. */
export function unreadableStatuses(log: Log): LogOnce {
  return new LogOnce(log, "the last status of a box cannot be read, and counts as missing");
}
