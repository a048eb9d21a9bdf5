export { type Comparison, comparisons } from "./before.ts";
export {
  type CountsPorts,
  type OpenActions,
  type OpenWork,
  openStates,
  SharedCounts,
  type TodayCounts,
  type WorkFilter,
} from "./counts.ts";
export { FeedCounts } from "./feed-counts.ts";
export { type Unit, units } from "./grouping.ts";
export {
  type Counted,
  type CountedPart,
  countedDevice,
  countedOf,
  type FlagCount,
  type HalfHour,
  type HalfHourCounts,
  type HalfHourRange,
  halfHourOf,
  type MatchCount,
  maxDeviceName,
  withUnknownDevices,
} from "./half-hours.ts";
export { readStatistics, usualKeptDays, wholeHalfHours } from "./statistics.ts";
export type { Statistics } from "./sums.ts";
