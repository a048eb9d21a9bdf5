import type { Event } from "@gatepost/client";
import { signal } from "@preact/signals";
import { placeOf } from "../../format/event.ts";
import { words } from "../../words/index.ts";
import { preferences } from "../preferences.ts";
import { ringFor } from "./ringing.ts";
import { tone } from "./sound.ts";

/** The text that screen readers read at once. */
export const alerted = signal("");

const everyMs = 10_000;
const saidForMs = 5000;
const notifyEveryMs = 60_000;
/** ms of `performance.now()`. With `Date.now()`, alerts would stop after the clock was set back. */
let [saidAt, soundedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
const notifiedAt = new Map<string, number>();
const alarmListeners = new Set<(event: Event) => void>();

/** Tells of each person on the blacklist who passes now, at once. Gives the function that ends it. */
export function onAlarm(listener: (event: Event) => void): () => void {
  alarmListeners.add(listener);
  return () => alarmListeners.delete(listener);
}

/**
 * Announces a person on the blacklist, and strangers if the user wants that: by sound, by words, and outside the page.
 */
export function alertOf(event: Event, { isCatchUp }: { isCatchUp: boolean }): void {
  const { acknowledgement = null, person } = event;
  const { type } = person;
  if (
    isCatchUp ||
    acknowledgement !== null ||
    !(type === "blacklist" || (type === "stranger" && preferences.value.isAlertedOfStrangers))
  )
    return;
  if (type === "blacklist") {
    ringFor(event);
    for (const listener of alarmListeners) listener(event);
  }
  const text = words.value.live.alert[type](placeOf(event));
  const now = performance.now();
  if (now - saidAt >= everyMs) {
    saidAt = now;
    say(text);
  }
  // The blacklist rings until a user acknowledges it.
  if (type === "stranger" && preferences.value.hasSound && now - soundedAt >= everyMs) {
    soundedAt = now;
    tone();
  }
  // The service worker notifies, if the person wants it to.
  const { hasNotification, hasPush } = preferences.value;
  if (document.hidden && hasNotification && !hasPush) notify(event, text, now);
}

/** A screen reader does not repeat an equal text, so the text is removed in between. */
function say(text: string): void {
  alerted.value = text;
  setTimeout(() => {
    alerted.value = "";
  }, saidForMs);
}

/** No name and no picture: it may appear on a locked screen. */
function notify(event: Event, text: string, now: number): void {
  const who = event.person.id ?? event.id;
  if (now - (notifiedAt.get(who) ?? Number.NEGATIVE_INFINITY) < notifyEveryMs) return;
  if (notifiedAt.size > 1000) notifiedAt.clear();
  notifiedAt.set(who, now);
  // Some browsers let no page notify by itself, as on Android, and throw: the passing itself must still be shown.
  try {
    if (Notification.permission === "granted") new Notification(text, { tag: who });
  } catch {}
}

/** Asks the person for the right to notify. Resolves with whether it is given. */
export async function allowNotification(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}
