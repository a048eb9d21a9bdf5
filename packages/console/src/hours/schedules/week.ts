import { weekdayName } from "../../state/days.ts";
import { scheduleWords } from "../../words/schedules.ts";

/** `Mon`, of 1: the first of January 2024 was a Monday. */
export const dayName = (weekday: number): string => weekdayName(`2024-01-0${weekday}`);

/** `Mon–Fri`, `Sun–Thu`, or `Mon, Wed` */
export function daysInWords(weekdays: readonly number[]): string {
  const w = scheduleWords.value;
  if (weekdays.length === 7) return w.everyDay;
  const first = weekdays.find((day) => !weekdays.includes(day === 1 ? 7 : day - 1));
  const run = first === undefined ? [] : weekdays.map((_, at) => ((first - 1 + at) % 7) + 1);
  if (first !== undefined && weekdays.length > 2 && run.every((day) => weekdays.includes(day))) {
    return `${dayName(first)}${w.to}${dayName(run.at(-1) ?? first)}`;
  }
  return weekdays.map(dayName).join(w.and);
}
