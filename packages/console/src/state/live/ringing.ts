import type { Event } from "@gatepost/client";
import { batch, computed, effect, signal } from "@preact/signals";
import { words } from "../../words/index.ts";
import { serverTime } from "../clock.ts";
import { onErased } from "../erased.ts";
import { say } from "../notice.ts";
import { libraryOf } from "../sites.ts";
import { isMarked } from "./marked.ts";
import { isSoundOn, soundAlarm } from "./sound.ts";
import { lastSeen, standing } from "./standing.ts";
import { groupKey } from "./standing-groups.ts";

/** A passing received up to so many ms ago rings, also one that this page did not get at once. */
const freshMs = 5 * 60_000;
/** Passings of a person that are remembered: as many as stand out. */
const maxRinging = 1000;
/** ms for which a person who was silenced does not ring again. */
const silentMs = 60_000;

/** A person on the blacklist whom no user has acknowledged yet. Times are ms since 1970, by the server's clock. */
interface Ring {
  /** The passings that are not acknowledged. */
  events: readonly Event[];
  /** When its first passing was received. */
  since: number;
  /** Null unless this browser was silenced. */
  silencedAt: number | null;
}

/** By the keys of the rows of “Stand out”. */
const rings = signal<ReadonlyMap<string, Ring>>(new Map());

/** When each person who rings in this browser began to, by the key of the row; ms since 1970, by the server's clock. */
export const ringing = computed<ReadonlyMap<string, number>>(
  () =>
    new Map([...rings.value].flatMap(([key, { since, silencedAt }]) => (silencedAt === null ? [[key, since]] : []))),
);

/** Whether a person on the blacklist passed just now, whom no user has acknowledged yet. */
export function isAlarm({ id }: Event): boolean {
  return [...rings.peek().values()].some(({ events }) => events.some((event) => event.id === id));
}

/** Rings for a person on the blacklist who passed just now, until a user acknowledges or silences that. */
export function ringFor(event: Event): void {
  const key = groupKey(event, libraryOf);
  const before = rings.peek().get(key) ?? { events: [], since: Date.parse(event.receivedAt), silencedAt: null };
  if (before.events.some(({ id }) => id === event.id)) return;
  const isSilent = before.silencedAt !== null && Date.parse(event.receivedAt) - before.silencedAt < silentMs;
  const ring = { ...before, events: [...before.events, event].slice(-maxRinging) };
  rings.value = new Map([...rings.peek(), [key, isSilent ? ring : { ...ring, silencedAt: null }]]);
}

effect(() => {
  const from = serverTime() - freshMs;
  const isFresh = ({ person, receivedAt }: Event) => person.type === "blacklist" && Date.parse(receivedAt) > from;
  batch(() => standing.value.filter(isFresh).forEach(ringFor));
});

effect(() => {
  if (lastSeen.value.length > 0) end(({ id }) => isMarked(id));
});

onErased(end);

/** Ends the rings of passings that are over, and all of a person without others. */
function end(isOver: (event: Event) => boolean): void {
  const left = [...rings.peek()].flatMap(([key, ring]): [string, Ring][] => {
    const events = ring.events.filter((event) => !isOver(event));
    return events.length === 0 ? [] : [[key, { ...ring, events }]];
  });
  rings.value = new Map(left);
}

/** Silences persons who ring, in this browser alone; all of them without a key. Null if none rings. */
export function silence(key?: string): unknown {
  const keys = key === undefined ? [...ringing.peek().keys()] : [key];
  if (keys.length === 0) return null;
  const silencedAt = serverTime();
  rings.value = new Map(
    [...rings.peek()].map(([one, ring]) => [one, keys.includes(one) ? { ...ring, silencedAt } : ring]),
  );
  say(words.value.live.silenced);
  return undefined;
}

export function clearRinging(): void {
  rings.value = new Map();
}

effect(() => soundAlarm(isSoundOn.value && ringing.value.size > 0));
