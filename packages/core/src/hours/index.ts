export { type ClosedDay, ClosedMonths, type ClosedPerson, eraseClosedDays } from "./closed.ts";
export { eraseCorrections, type HoursCorrection, HoursCorrections, newestCorrection } from "./corrections.ts";
export {
  type Correction,
  countDays,
  type DayState,
  dayStates,
  type HoursDay,
  type HoursOfPerson,
  marginMs,
  nightShiftEnd,
  type UsedPassing,
} from "./day.ts";
export { type FileMail, type HoursMail, HoursMails, type Mailer, mailedDays } from "./mail.ts";
export {
  dayNumber,
  dayText,
  lastDayOf,
  type Schedule,
  type ScheduleOn,
  scheduleFor,
  shiftFault,
  weekdayOf,
} from "./schedule.ts";
export { Schedules } from "./schedules.ts";
