import type { ActionFilter, ListedAction } from "@gatepost/core/actions";
import type { Page, PageRequest } from "@gatepost/core/lists";
import { isCheckBox, merge, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import type { ApiPorts } from "../ports.ts";

/** The filters of actions that ask for their events. */
export const eventConditions = {
  match: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number from 0 to 100")
    .transform(Number)
    .refine((match) => match <= 100, "must be a whole number from 0 to 100")
    .meta({
      description: "With this match of 100, or a higher one.",
      type: "integer",
      pattern: undefined,
      minimum: 0,
      maximum: 100,
    })
    .exactOptional(),
  quality: z
    .enum(["good", "poor"])
    .meta({ description: "`poor`: the box calls the picture unfit to be registered; `good`: it does not." })
    .exactOptional(),
};

interface EventConditions {
  match?: number | undefined;
  quality?: "good" | "poor" | undefined;
}

/**
 * One page of the actions that match a filter, and whose events match the conditions. Actions of checks are left out. If
 * not all of a page of the store match, it is shorter and has `next`.
 */
export async function matchingActions(
  { filter, conditions }: { filter: ActionFilter; conditions: EventConditions },
  request: PageRequest,
  deps: Pick<ApiPorts, "actionReader" | "events">,
): Promise<Page<ListedAction>> {
  const page = await deps.actionReader.list(filter, request);
  const shown = page.items.filter(({ box }) => !isCheckBox(box));
  return { ...page, items: [...(await matchingAmong(shown, conditions, deps))] };
}

async function matchingAmong(
  actions: readonly ListedAction[],
  conditions: EventConditions,
  { events }: Pick<ApiPorts, "events">,
): Promise<readonly ListedAction[]> {
  if (!isConditional(conditions) || actions.length === 0) return actions;
  const found = await events.getAll(actions.map(({ eventId }) => eventId));
  return actions.filter(({ eventId }) => {
    const event = found.get(eventId);
    return event !== undefined && meets(event, conditions);
  });
}

function isConditional({ match, quality }: EventConditions): boolean {
  return match !== undefined || quality !== undefined;
}

function meets(stored: StoredEvent, { match, quality }: EventConditions): boolean {
  const { score, scoreScale, quality: said } = merge(stored);
  const isPoor = said.registrable === false;
  if (quality !== undefined && isPoor !== (quality === "poor")) return false;
  return match === undefined || (matchOf(score, scoreScale) ?? -1) >= match;
}

/** A score as a match of 100; null without a score. An unknown scale is 1 if the score fits into it. */
export function matchOf(score: number | null, scale: number | null): number | null {
  if (score === null) return null;
  const whole = scale ?? (score <= 1 ? 1 : 100);
  return whole > 0 ? Math.min(100, Math.max(0, (score / whole) * 100)) : null;
}

/** Actions that a count looks at, at most. */
export const maxCountedActions = 2000;

/** How many actions match. `isExact` is false if there are more than it looks at. */
export async function countActions(
  asked: Parameters<typeof matchingActions>[0],
  deps: Parameters<typeof matchingActions>[2],
): Promise<{ count: number; isExact: boolean }> {
  const pageSize = 500;
  let count = 0;
  let cursor: string | null = null;
  for (let looked = 0; looked < maxCountedActions; looked += pageSize) {
    const page: Page<ListedAction> = await matchingActions(asked, { limit: pageSize, cursor }, deps);
    count += page.items.length;
    cursor = page.next;
    if (cursor === null) return { count, isExact: true };
  }
  return { count, isExact: false };
}
