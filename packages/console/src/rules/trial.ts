import type { Api } from "@gatepost/client";
import { recall, remember } from "../state/known-events.ts";
import { type Loading, useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import type { Matching } from "./draft.ts";

type Answer = Api["POST /v1/rules/try"]["answer"];
export type Trials = Extract<Answer, { tried: number }>;
type Told = Extract<Answer, { isWhole: boolean }>;

/** Passings that a rule is tried on. */
export const last = 100;

/** Days that are counted. */
export const countedDays = 30;

/** What a card or a pattern matches of the last passings; null while it cannot be tried. */
export function useTrials(matching: Matching | null): Loading<Trials | null> {
  return useLoading(`try ${JSON.stringify(matching)}`, async (signal) => {
    if (matching === null) return null;
    const trials = await gatepost().ask("POST /v1/rules/try", { body: { ...matching, last }, signal });
    if (!("tried" in trials)) return null;
    await Promise.all(trials.events.map(({ event }) => fetchEvent(event, signal)));
    return trials;
  });
}

/** The events come along, to be seen. */
async function fetchEvent(id: string, signal: AbortSignal): Promise<void> {
  if (recall(id) !== null) return;
  const event = await gatepost()
    .ask("GET /v1/events/{id}", { path: { id }, signal })
    .catch(() => null);
  if (event !== null) remember(event);
}

/** How often it would have told in the last days. */
export function useRuleTrial(matching: Matching | null): Told | null {
  const { state } = useLoading(`told ${JSON.stringify(matching)}`, async (signal) => {
    if (matching === null) return null;
    const trial = await gatepost().ask("POST /v1/rules/try", { body: { ...matching, days: countedDays }, signal });
    return "isWhole" in trial ? trial : null;
  });
  return state.value.value ?? null;
}
