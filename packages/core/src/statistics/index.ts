export {
  type Counts,
  type CountsPorts,
  type OpenActions,
  type OpenWork,
  openStates,
  SharedCounts,
  type WorkFilter,
} from "./counts.ts";
export {
  bucketOf,
  type Counted,
  type CountedPart,
  countedOf,
  type FlagCount,
  type HalfHour,
  type HalfHourCounts,
  type HalfHourRange,
  halfHourMs,
  halfHourOf,
  type MatchCount,
  matchBuckets,
} from "./half-hours.ts";
export { readStatistics, type Statistics, type Unit, units, usualKeptDays, wholeHalfHours } from "./statistics.ts";
export { machineZone, Zone, zoneFault } from "./zone.ts";
