export { boxesSeen } from "./access/boxes-seen.ts";
export { muteLink } from "./alerts/mute-link.ts";
export { api, apiDocument } from "./api.ts";
export type { ApiEnv } from "./api-env.ts";
export { ChainCheck, type ChainFinding, chained } from "./audit/chain.ts";
export { type AuditEntry, type AuditHead, type AuditRecord, auditRecord } from "./audit/entry.ts";
export { type AuditLog, type AuditReader, auditKeptMs, hourOf, picturesRead, signInEveryMs } from "./audit/ports.ts";
export { BoxNotes } from "./boxes/box-notes.ts";
export { BoxReader } from "./boxes/box-reader.ts";
export { Boxes } from "./boxes/boxes.ts";
export { Directions } from "./boxes/directions.ts";
export { LocalHours } from "./boxes/local-hours.ts";
export { notingSigns } from "./boxes/noting.ts";
export { type BoxCounts, Rhythms } from "./boxes/rhythms.ts";
export { hearCheck } from "./check.ts";
export { type Counts, type CountsPorts, type CountsRequest, SharedCounts } from "./counts.ts";
export { faultInWords } from "./fault-words.ts";
export { inHtml } from "./html.ts";
export { reportDigest, withoutPlaces } from "./imports/digest.ts";
export type { HeldEvent } from "./imports/take-event.ts";
export { batchJob } from "./jobs/batch-job.ts";
export { type CsvColumn, csvColumns } from "./jobs/csv.ts";
export type { JobDeps, SliceLimits } from "./jobs/deps.ts";
export { type Asked, exportFormats, type Job, type JobStore } from "./jobs/job.ts";
export { failJob, runSlice } from "./jobs/run.ts";
export { type EventFilter, eventFilter, matches } from "./listing.ts";
export { MissedChanges, type MissedPorts } from "./live/catch-up.ts";
export { type LiveConfiguration, type LiveForm, limitedTo, readConfiguration } from "./live/configuration.ts";
export { countsEveryMs, type LiveCounts, type LiveCountsReader, liveCounts } from "./live/counts.ts";
export { isEventId, LiveCursors, noResumePoint, resumePointOf } from "./live/cursors.ts";
export { keyIsFull } from "./live/full-key.ts";
export { LiveMessages } from "./live/messages.ts";
export { changeBy, type LiveChange, notificationFor } from "./live/notification.ts";
export { PassingRate } from "./live/rate.ts";
export { type LivePictures, picturesIn, render } from "./live/rendering.ts";
export { type ResumePoint, resumePointAfter } from "./live/resume-point.ts";
export {
  caughtUpMessage,
  countsMessage,
  cursorMessage,
  type EventOfBox,
  erasedMessage,
  errorMessage,
  idsToldTo,
  isPing,
  pongMessage,
  seenMessage,
} from "./live/service-messages.ts";
export * from "./page-room.ts";
export { alertLinkMs, pictureLink } from "./picture-link.ts";
export * from "./ports/actions.ts";
export * from "./ports/api-ports.ts";
export * from "./ports/boxes.ts";
export * from "./ports/change-feed.ts";
export * from "./ports/clock-doubt.ts";
export * from "./ports/dead-letters.ts";
export * from "./ports/deliveries.ts";
export * from "./ports/eraser.ts";
export * from "./ports/erasure-log.ts";
export * from "./ports/event-reader.ts";
export * from "./ports/half-hour-counts.ts";
export * from "./ports/imports.ts";
export * from "./ports/open-work.ts";
export * from "./ports/page.ts";
export * from "./ports/pictures.ts";
export * from "./ports/quarantine.ts";
export * from "./ports/retention.ts";
export * from "./ports/rules.ts";
export * from "./ports/server-facts.ts";
export * from "./ports/shipping.ts";
export { problem } from "./problem.ts";
export { groupsOf, newestFirst, type QuarantineGroup } from "./quarantine/groups.ts";
export { maxImportBytes } from "./routes/imports.ts";
export { searchTexts, soughtText } from "./search-texts.ts";
export { type OneOrMore, valuesOf } from "./several.ts";
export {
  bucketOf,
  type Counted,
  countedOf,
  halfHourMs,
  halfHourOf,
  matchBuckets,
} from "./statistics/counted.ts";
export { machineZone } from "./statistics/machine-zone.ts";
export { readStatistics, type Statistics, wholeHalfHours } from "./statistics/statistics.ts";
export { usualKeptDays } from "./statistics/units.ts";
export { Zone } from "./statistics/zone.ts";
export { zoneFault } from "./statistics/zone-fault.ts";
export { probedHealth, type StoreHealth } from "./store-health.ts";
