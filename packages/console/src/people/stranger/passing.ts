import type { Event } from "@gatepost/client";
import { answeredOf } from "../../state/erased.ts";
import { recall, remember } from "../../state/known-events.ts";
import { useLoading } from "../../state/loading.ts";
import { gatepost } from "../../state/session.ts";

/** An event by its id, as it is known here until the server has answered; null before. */
export function usePassing(id: string, { isFresh }: { isFresh: boolean }) {
  const loading = useLoading<Event>(`passing ${id}`, async (signal) => {
    const known = recall(id);
    if (known !== null && !isFresh) return known;
    const event = await answeredOf(id, gatepost().ask("GET /v1/events/{id}", { path: { id }, signal }));
    remember(event);
    return event;
  });
  return { ...loading, event: loading.state.value.value ?? recall(id) };
}
