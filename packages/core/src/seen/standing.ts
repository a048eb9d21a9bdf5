import type { FaceEvent } from "@gatepost/protocol";

/** The types of persons who stand out until they are acknowledged. */
export const standingTypes = ["blacklist", "stranger"] as const;

/** A known person with all unacknowledged passings, or one such passing. */
export interface StandingGroup {
  /** The library and id of the person, or the id of the event. */
  key: string;
  by: "person" | "passing";
  kind: (typeof standingTypes)[number];
  /** The newest first. Never empty. */
  events: readonly [FaceEvent, ...FaceEvent[]];
}

/**
 * Groups unacknowledged events by person: the blacklist first, and the newest first in each kind. Strangers are never
 * joined, and neither are persons without an id.
 *
 * @param events of the blacklist and of strangers; others are left out
 * @param libraryOf the box or site at which an id means one person
 */
export function standingGroups(events: readonly FaceEvent[], libraryOf: (box: string) => string): StandingGroup[] {
  const groups = new Map<string, StandingGroup>();
  for (const event of events.toSorted((a, b) => b.timestamp - a.timestamp)) {
    const { type: kind, id } = event.person;
    if (kind !== "blacklist" && kind !== "stranger") continue;
    const by = kind === "stranger" || id === null ? "passing" : "person";
    const key = by === "passing" ? event.id : `${libraryOf(event.box.id)}/${id}`;
    const held = groups.get(key);
    groups.set(key, { key, by, kind, events: held === undefined ? [event] : [...held.events, event] });
  }
  const groupsOfKind = (kind: StandingGroup["kind"]) => [...groups.values()].filter((group) => group.kind === kind);
  return standingTypes.flatMap(groupsOfKind);
}
