import type { HoursDay } from "@gatepost/core/hours";
import type { OnlyDay } from "./days-asked.ts";
import type { PersonHours } from "./hours.ts";

/** Whether a day is one of them. */
export const isDayOf: Record<OnlyDay, (day: HoursDay) => boolean> = {
  late: ({ late }) => late > 0,
  absent: ({ state }) => state === "absent",
  open: ({ state }) => state === "open",
  corrected: ({ isCorrected }) => isCorrected,
};

/** The people of a group who have such a day; without either all. */
export function peopleWith(
  people: readonly PersonHours[],
  { group, only: wanted = [] }: { group?: string | undefined; only?: readonly OnlyDay[] | undefined },
): PersonHours[] {
  const isMeant = (day: HoursDay) => wanted.some((one) => isDayOf[one](day));
  return people.filter(
    (person) =>
      (group === undefined || person.groups.includes(group)) && (wanted.length === 0 || person.days.some(isMeant)),
  );
}
