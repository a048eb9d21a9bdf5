import type { Event } from "@gatepost/client";
import { batch, computed, effect, signal } from "@preact/signals";
import { isPhone } from "../parts/virtual-rows.tsx";
import { onErased } from "../state/erased.ts";
import { libraryOf } from "../state/sites.ts";
import { isHeld } from "./hold.ts";
import { standing } from "./standing.ts";
import { type Group, groupsOf } from "./standing-groups.ts";

const most = 50;
/** The same on a phone, until its user asks for the others. */
const mostOfPhone = 3;

/** A row as it is drawn. */
export interface Row {
  group: Group;
  /** Whether all of its passings were seen meanwhile. */
  isSeen: boolean;
}

const groups = computed(() => groupsOf(standing.value, libraryOf));

/** Whether the user of a phone has asked for all rows. */
export const isUnfolded = signal(false);

/** The drawn rows. While the list is held, none enters, leaves or changes its place. */
export const rows = signal<readonly Row[]>([]);

/** The keys of all rows, drawn or not, when the list was held. */
const known = signal<ReadonlySet<string>>(new Set());

effect(() => {
  const now = groups.value;
  if (isHeld.value) {
    rows.value = rows.peek().map((row) => rowNow(row, now));
    return;
  }
  const drawn = isPhone() && !isUnfolded.value ? mostOfPhone : most;
  batch(() => {
    rows.value = now.slice(0, drawn).map(unseen);
    known.value = new Set(now.map(({ key }) => key));
  });
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
  const waiting = isHeld.value ? groups.value.filter(({ key }) => !known.value.has(key)) : [];
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
