import type { Event } from "@gatepost/client";
import { signal } from "@preact/signals";

/** ms for which a person is shown, and after which the next one may take the place. */
export const alarmMs = 30_000;
const leastMs = 10_000;
/** ms for which a decision is shown. */
const decidedMs = 3000;
/** The most people who wait. Others are in the list beside the wall. */
const mostWaiting = 10;

/** A person on the blacklist, over the whole screen. Times are of `performance.now()`, which no user can set. */
export interface Alarm {
  event: Event;
  from: number;
  until: number;
  /** The decision of a user elsewhere; null before there is one. */
  decision: string | null;
}

const whoOf = ({ box, person, id }: Event) => `${box.id} ${person.id ?? id}`;

/**
 * The people on the blacklist who pass while a screen is shown, one after the other: each for 30 s, or for 10 s if
 * another one waits. A person who passes again is shown anew, and does not keep the next one waiting.
 */
export class Alarms {
  /** Null while the wall is shown. */
  readonly shown = signal<Alarm | null>(null);
  readonly waiting = signal<readonly Event[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  ring(event: Event): void {
    const { value: shown } = this.shown;
    const now = performance.now();
    if (shown !== null && shown.decision === null && whoOf(shown.event) === whoOf(event)) {
      this.shown.value = { ...shown, event, until: now + alarmMs };
    } else {
      const others = this.waiting.value.filter((one) => whoOf(one) !== whoOf(event));
      this.waiting.value = [...others, event].slice(-mostWaiting);
    }
    this.#proceed();
  }

  /** A later report has joined, as the one that brings the face. */
  refresh(updated: readonly Event[]): void {
    const newerOf = (event: Event) => updated.findLast(({ id }) => id === event.id) ?? event;
    this.#change(newerOf);
  }

  /** Removes erased events. */
  forget(isErased: (event: Event) => boolean): void {
    this.#change((event) => (isErased(event) ? null : event));
    this.#proceed();
  }

  /** Notes a decision about events: the shown person stays for 3 s with it, and waiting ones are left out. */
  decide(ids: readonly string[], decision: string): void {
    const { value: shown } = this.shown;
    this.waiting.value = this.waiting.value.filter(({ id }) => !ids.includes(id));
    if (shown?.decision === null && ids.includes(shown.event.id)) {
      this.shown.value = { ...shown, decision, until: performance.now() + decidedMs };
    }
    this.#proceed();
  }

  /** ms of `performance.now()` at which the shown one gives the place away. */
  endOf({ from, until, decision }: Alarm): number {
    const isAwaited = this.waiting.value.length > 0 && decision === null;
    return isAwaited ? Math.min(until, from + leastMs) : until;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.shown.value = null;
    this.waiting.value = [];
  }

  held(): readonly Event[] {
    const { value: shown } = this.shown;
    return [...(shown === null ? [] : [shown.event]), ...this.waiting.value];
  }

  #change(change: (event: Event) => Event | null): void {
    const { value: shown } = this.shown;
    if (shown !== null) {
      const event = change(shown.event);
      this.shown.value = event === null ? null : { ...shown, event };
    }
    this.waiting.value = this.waiting.value.map(change).filter((event) => event !== null);
  }

  /** Shows the next one, or the wall, when it is time. */
  #proceed(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    if (this.shown.value !== null && this.endOf(this.shown.value) <= now) this.shown.value = null;
    const [next, ...others] = this.waiting.value;
    if (this.shown.value === null && next !== undefined) {
      this.waiting.value = others;
      this.shown.value = { event: next, from: now, until: now + alarmMs, decision: null };
    }
    const { value: shown } = this.shown;
    if (shown !== null) this.#timer = setTimeout(() => this.#proceed(), Math.max(0, this.endOf(shown) - now));
  }
}
