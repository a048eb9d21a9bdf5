import type { Passing } from "../people/passing.ts";
import type { Zone } from "../zones/zone.ts";

/** Finds the groups of a person on a day. */
export type GroupsOn = (day: number) => readonly string[];

/** The groups of the passings of one day, and of the last of them. */
interface GroupsOfDay {
  groups: readonly string[];
  last: string | null;
}

/**
 * The groups of a person on each day: the groups of its passings; if they have none, the group of the last passing before
 * it; if that has none, the groups as they are known now. Before the first passing there are none.
 *
 * @param passings from the last one before the first asked day on, in any order
 * @param known the groups as boxes know them now
 */
export function groupsOf(
  passings: readonly Pick<Passing, "event" | "at" | "group">[],
  { known, zone }: { known: readonly string[]; zone: Zone },
): GroupsOn {
  const ofDays = new Map<number, GroupsOfDay>();
  const sorted = passings.toSorted((a, b) => a.at - b.at || (a.event < b.event ? -1 : 1));
  for (const { at, group } of sorted) {
    const day = zone.dayOf(at);
    const groups = ofDays.get(day)?.groups ?? [];
    ofDays.set(day, { groups: group === null || groups.includes(group) ? groups : [...groups, group], last: group });
  }
  const days = [...ofDays.keys()];
  return (day) => {
    const ownGroups = ofDays.get(day)?.groups ?? [];
    if (ownGroups.length > 0) return ownGroups;
    const before = ofDays.get(days.findLast((one) => one < day) ?? Number.NaN);
    if (before === undefined) return ofDays.has(day) ? known : [];
    return before.last === null ? known : [before.last];
  };
}
