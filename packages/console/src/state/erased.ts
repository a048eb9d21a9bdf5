import { type Event, Refusal } from "@gatepost/client";
import { batch } from "@preact/signals";

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
