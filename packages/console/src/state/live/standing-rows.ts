import type { Event } from "@gatepost/client";
import { batch, computed, effect, signal } from "@preact/signals";
import { isPhone } from "../../parts/virtual-rows.tsx";
import { onErased } from "../erased.ts";
import { libraryOf } from "../sites.ts";
import { isHeld } from "./hold.ts";
import { ringing } from "./ringing.ts";
import { standing } from "./standing.ts";
import { type Group, groupStanding } from "./standing-groups.ts";

const maxRows = 50;
/** Rows of a phone until its user asks for the others; of those, only persons who ring are drawn. */
export const firstOfPhone = 3;

/** A row as it is drawn. */
export interface Row {
  group: Group;
  /** Whether all of its passings were seen meanwhile. */
  isSeen: boolean;
}

const groups = computed(() => groupStanding(standing.value, libraryOf));

/** Whether the user of a phone has asked for all rows. */
export const isUnfolded = signal(false);

/** The drawn rows. While the list is held, none enters, leaves or changes its place. */
export const rows = signal<readonly Row[]>([]);

/** The ids of all passings, drawn or not, when the list was held. */
const known = signal<ReadonlySet<string>>(new Set());

const isFirstOfPhone = ({ key }: Group, at: number) => at < firstOfPhone || ringing.value.has(key);

effect(() => {
  const now = groups.value;
  if (isHeld.value) {
    rows.value = rows.peek().map((row) => rowNow(row, now));
    return;
  }
  const drawn = isPhone() && !isUnfolded.value ? now.filter(isFirstOfPhone) : now;
  batch(() => {
    rows.value = drawn.slice(0, maxRows).map(unseen);
    known.value = new Set(now.flatMap(({ events }) => events.map(({ id }) => id)));
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

/** The rows that wait until the list is let go: new ones, and undrawn ones of persons who passed again. */
export const heldBack = computed(() => {
  const drawn = new Set(rows.value.map(({ group }) => group.key));
  const isNew = ({ key, events }: Group) => !drawn.has(key) && events.some(({ id }) => !known.value.has(id));
  const waiting = isHeld.value ? groups.value.filter(isNew) : [];
  return { count: waiting.length, blacklist: waiting.filter(({ kind }) => kind === "blacklist").length };
});

/** How many persons and passings stand out, drawn or not. */
export const standingCount = computed(() => groups.value.length);

/** The row of an event that stands out, drawn or not; one of it alone if it is in none. */
export function groupOf(event: Event): Group {
  const isIn = ({ events }: Group) => events.some(({ id }) => id === event.id);
  const alone = groupStanding([event], libraryOf);
  const found = groups.peek().find(isIn) ?? alone[0];
  if (found === undefined) throw new Error("an event is in no group");
  return found;
}

/** The drawn strangers that are not seen yet. */
export const drawnStrangers = () =>
  rows.peek().flatMap(({ group, isSeen }) => (isSeen || group.kind === "blacklist" ? [] : [group]));
