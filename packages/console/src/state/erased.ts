import { type Event, Refusal } from "@gatepost/client";
import { batch } from "@preact/signals";

/** The parts of an event by which an erasure is recognised. */
export interface Erasable {
  id: string;
  box: { id: string };
  person: { id: string | null };
}

type IsErased = (event: Erasable) => boolean;
type TakeOff = (isErased: IsErased) => unknown;

type Holds = () => Iterable<Erasable | null>;

const lists = new Map<TakeOff, Holds>();

/**
 * Removes erased events from a place that keeps or shows events. Returns the function that ends it.
 *
 * @param holds the events that are kept or shown for long: asked for once after a time in which erasures could not be
 * reported
 */
export function onErased(takeOff: TakeOff, holds: Holds = () => []): () => void {
  lists.set(takeOff, holds);
  return () => lists.delete(takeOff);
}

/** The ids of all events that are kept or shown for long. */
export function heldIds(): string[] {
  return [...new Set([...lists.values()].flatMap((holds) => [...holds()].flatMap((event) => event?.id ?? [])))];
}

/** Removes erased events from everywhere: no erased person stays on the screen. */
export function forgetEvents(isErased: IsErased): void {
  batch(() => {
    for (const takeOff of lists.keys()) takeOff(isErased);
  });
}

/** A list after its answer, without the events that were erased in between: the server had read them before. */
export async function withoutErased<Page extends { events: readonly Event[] }>(answer: Promise<Page>): Promise<Page> {
  const erased: IsErased[] = [];
  const end = onErased((isErased) => erased.push(isErased));
  try {
    const page = await answer;
    return { ...page, events: page.events.filter((event) => !erased.some((isErased) => isErased(event))) };
  } finally {
    end();
  }
}

/** Whether the server has no such event any more, and not only something between has no such address. */
export const isGone = (error: unknown) => error instanceof Refusal && error.isProblem && error.status === 404;

/** The answer about one event. If the server has the event no more, it is forgotten here, too. */
export async function answeredOf<Answer>(id: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (isGone(error)) forgetEvents((event) => event.id === id);
    throw error;
  }
}
