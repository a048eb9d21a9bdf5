import { type Event, Refusal } from "@gatepost/client";
import { batch } from "@preact/signals";
import { gatepost } from "./session.ts";

type IsErased = (event: Event) => boolean;
type TakeOff = (isErased: IsErased) => void;

const lists = new Set<TakeOff>();

/** Has erased events taken off what keeps or shows events. Gives the function that ends it. */
export function onErased(takeOff: TakeOff): () => void {
  lists.add(takeOff);
  return () => lists.delete(takeOff);
}

/** Takes erased events off everything: nobody who was erased stays on the screen. */
export function forgetEvents(isErased: IsErased): void {
  batch(() => {
    for (const takeOff of lists) takeOff(isErased);
  });
}

/** Whether the server has no such event any more, and not only something between has no such address. */
export const isGone = (error: unknown) => error instanceof Refusal && error.isProblem && error.status === 404;

/** What is answered about one event. Where the server has it no more, it is forgotten here, too. */
export async function answeredOf<Answer>(id: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (isGone(error)) forgetEvents((event) => event.id === id);
    throw error;
  }
}

/** Asks for each of some events, one after the other, and forgets those that the server has no more. */
export async function askWhetherGone(events: Iterable<{ id: string }>): Promise<void> {
  for (const id of new Set([...events].map((event) => event.id))) {
    await answeredOf(id, gatepost().ask("GET /v1/events/{id}", { path: { id } })).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }
}
