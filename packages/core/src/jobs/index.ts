export {
  hasEnded,
  type JobKind,
  jobKinds,
  jobLifetimeMs,
  jobStates,
  ownJobs,
  resultLifetimeMs,
  type StoredJob,
} from "./job.ts";
export { Jobs } from "./jobs.ts";
export { forgottenAfterMs, type JobLease, JobLeases, type JobTicket } from "./leases.ts";
export type { ExportLink, ExportState, ExportStore, JobQueue } from "./ports.ts";
export { type KeptResult, keptResults, maxKeptBytes, type NoRoom, roomFor, sum, untilNextDay } from "./room.ts";
