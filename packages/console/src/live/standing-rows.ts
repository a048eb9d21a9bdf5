import type { Event } from "@gatepost/client";
import { computed, effect, signal } from "@preact/signals";
import { onErased } from "../state/erased.ts";
import { libraryOf } from "../state/sites.ts";
import { isHeld } from "./hold.ts";
import { standing } from "./standing.ts";
import { type Group, groupsOf } from "./standing-groups.ts";

const most = 50;

/** A row as it is drawn. */
export interface Row {
  group: Group;
  /** Whether all of its passings were seen meanwhile. */
  isSeen: boolean;
}

const groups = computed(() => groupsOf(standing.value, libraryOf));

/** The drawn rows. While the list is held, none enters, leaves or changes its place. */
export const rows = signal<readonly Row[]>([]);

effect(() => {
  const now = groups.value;
  const before = rows.peek();
  rows.value = isHeld.value ? before.map((row) => rowNow(row, now)) : now.slice(0, most).map(unseen);
});

onErased((isErased) => {
  rows.value = rows.value.filter(({ group }) => !group.events.every(isErased));
});

function unseen(group: Group): Row {
  return { group, isSeen: false };
}

function rowNow(row: Row, now: readonly Group[]): Row {
  const group = now.find(({ key }) => key === row.group.key);
  return group === undefined ? { ...row, isSeen: true } : unseen(group);
}

/** The rows that wait until the list is let go. */
export const heldBack = computed(() => {
  const drawn = new Set(rows.value.map(({ group }) => group.key));
  const waiting = isHeld.value ? groups.value.filter(({ key }) => !drawn.has(key)) : [];
  return { count: waiting.length, blacklist: waiting.filter(({ kind }) => kind === "blacklist").length };
});

/** How many persons and passings stand out, drawn or not. */
export const standingCount = computed(() => groups.value.length);

/** The row of an event that stands out, drawn or not; one of it alone if it is in none. */
export function groupOf(event: Event): Group {
  const isIn = ({ events }: Group) => events.some(({ id }) => id === event.id);
  const alone = groupsOf([event], libraryOf);
  const found = groups.peek().find(isIn) ?? alone[0];
  if (found === undefined) throw new Error("an event is in no group");
  return found;
}

/** The drawn strangers that are not seen yet. */
export const drawnStrangers = () =>
  rows.peek().flatMap(({ group, isSeen }) => (isSeen || group.kind === "blacklist" ? [] : [group]));
