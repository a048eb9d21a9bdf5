import type { Event } from "@gatepost/client";

/** A row of “Stand out”: a known person with all unseen passings, or one passing of a stranger. */
export interface Group {
  /** The same as long as the row exists. */
  key: string;
  kind: "blacklist" | "stranger";
  /** The newest passing; of two reports of a stranger the one with a face. */
  latest: Event;
  /** Newest first. Never empty. */
  events: readonly Event[];
}

/**
 * The rows for unseen events, in their order: the blacklist first, and the newest first in each kind.
 *
 * @param libraryOf the box or site at which an id means one person
 */
export function groupStanding(events: readonly Event[], libraryOf: (box: string) => string): Group[] {
  const groups = new Map<string, Event[]>();
  for (const event of events) {
    const key = groupKey(event, libraryOf);
    const held = groups.get(key);
    if (held === undefined) groups.set(key, [event]);
    else if (event.person.type !== "stranger" || isSamePassing(held, event)) held.push(event);
    else groups.set(event.id, [event]);
  }
  return [...groups].flatMap(([key, of]) => {
    const [newest] = of;
    if (newest === undefined) return [];
    const isStranger = newest.person.type === "stranger";
    const latest = isStranger ? (of.find(hasFace) ?? newest) : newest;
    return [{ key, kind: isStranger ? "stranger" : "blacklist", latest, events: of }];
  });
}

/** The key of the row of an event. */
export function groupKey(event: Event, libraryOf: (box: string) => string): string {
  const { person, box } = event;
  if (person.type === "stranger") return momentOf(event);
  return person.id === null ? event.id : `${libraryOf(box.id)} ${person.id}`;
}

const momentOf = ({ box, device, timestamp }: Event) => `${box.id} ${device.id} ${timestamp}`;
const hasFace = ({ pictures }: Event) => pictures.face !== undefined;

/** Whether the held event and another one are the real-time and the history report of one stranger. */
function isSamePassing(held: readonly Event[], other: Event): boolean {
  const [first] = held;
  return held.length === 1 && first !== undefined && isOtherReport(first, other);
}

/** Whether two events are reports of one passing of a stranger: of the same moment, and only one has a face. */
export function isOtherReport(a: Event, b: Event): boolean {
  const areStrangers = a.person.type === "stranger" && b.person.type === "stranger";
  return areStrangers && a.id !== b.id && momentOf(a) === momentOf(b) && hasFace(a) !== hasFace(b);
}

/** The events, of two reports of one passing of a stranger only the one with a face, at the place of the newer. */
export function onePerPassing(events: readonly Event[]): Event[] {
  const passings: Event[] = [];
  for (const event of events) {
    const place = passings.findIndex((other) => isOtherReport(other, event));
    if (place < 0) passings.push(event);
    else if (hasFace(event)) passings[place] = event;
  }
  return passings;
}
