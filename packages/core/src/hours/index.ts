export { type ClosedDay, ClosedMonths, type ClosedPerson, closedDaysOfKey } from "./closed.ts";
export { correctionsOfKey, type HoursCorrection, HoursCorrections, newestCorrection } from "./corrections.ts";
export {
  type Correction,
  countDays,
  type DayState,
  dayStates,
  emptyDay,
  type HoursDay,
  type HoursOfPerson,
  nightShiftEnd,
  type UsedPassing,
} from "./day.ts";
export { type GroupsOn, groupsOf } from "./groups.ts";
export { type LastDay, LastDays, lastDaysOfKey } from "./last-days.ts";
export { type HoursMail, HoursMails, mailedDays } from "./mail.ts";
export {
  type PersonRoster,
  type RosterMonth,
  Rosters,
  type RosterView,
  rosterErased,
  rostersOfKey,
  viewDigest,
} from "./rosters.ts";
export {
  type Break,
  dayNumber,
  dayText,
  lastDayOf,
  openDayRules,
  type RosterOn,
  reachOf,
  type Schedule,
  type ScheduleOn,
  type Span,
  scheduleFor,
  shiftFault,
  versionOn,
  weekdayOf,
  windowsOf,
} from "./schedule.ts";
export { Schedules } from "./schedules.ts";
