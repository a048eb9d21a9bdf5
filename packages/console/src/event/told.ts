import type { Event, RequestedAction } from "@gatepost/client";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";

const everyMs = 5000;

/** What the server says of an event's actions beyond the event itself: their history, and who was told. */
export interface Told {
  actions: readonly RequestedAction[];
  /** Asks again, as after something was sent. */
  reload(): void;
}

/** It is asked for again while a delivery waits. What the event itself says is shown where the server says no more. */
export function useTold(event: Event): Told {
  const key = event.actions.map(({ id, state }) => `${id} ${state}`).join();
  const ask = (signal: AbortSignal) =>
    Promise.all(event.actions.map(({ id }) => gatepost().ask("GET /v1/actions/{id}", { path: { id }, signal })));
  const { state, reload } = useLoading(`actions ${event.id} ${key}`, ask, { every: everyMs, while: isWaiting });
  return { actions: state.value.value ?? [], reload };
}

const isWaiting = (actions: readonly RequestedAction[]) =>
  actions.some(({ deliveries }) => deliveries?.some(({ state }) => state === "waiting"));
