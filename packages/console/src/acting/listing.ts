import type { Action, Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { wantActions } from "../format/event.ts";
import { isDecided, isOver, noteOpen } from "../state/acting/decided.ts";
import { recall, remember } from "../state/known-events.ts";
import { gatepost } from "../state/session.ts";

export const stateFilters = ["open", "withheld", "declined", "done", "all"] as const;
export type StateFilter = (typeof stateFilters)[number];

/**
 * The states of each list's actions, in the order of the list: failed actions first, then unanswered ones by their time,
 * whether the bus has taken them yet or not.
 */
const groupsOf: Record<StateFilter | "settled", readonly (string | null)[]> = {
  open: ["failed", "announced,pending"],
  withheld: ["withheld"],
  declined: ["declined"],
  done: ["done"],
  settled: ["done,declined,withheld"],
  all: [null],
};

const each = 50;

/** The filters of the address. */
export type Conditions = Pick<Api["GET /v1/actions"]["query"], "want" | "match" | "site">;

interface Wanted {
  pages: number;
  conditions: Conditions;
  /** The list that is shown. Open actions stay in it after others have decided them. */
  before?: Actions;
}

/** The first pages of the actions in some states, with their events. */
export async function listActions(
  filter: StateFilter | "settled",
  { pages, conditions, before = [] }: Wanted,
  signal: AbortSignal,
): Promise<ActionList> {
  const askedAt = performance.now();
  const list = await firstActions(groupsOf[filter], each * pages, (state, page) => {
    const query = { with: "event,deliveries", ...page, ...(state === null ? {} : { state }), ...conditions };
    return gatepost().ask("GET /v1/actions", { query, signal });
  });
  await Promise.all(list.actions.map((action) => complete(action, signal)));
  if (filter !== "open") return list;
  noteOpen(
    list.actions.map(({ id }) => id),
    askedAt,
  );
  return { ...list, actions: await withDecided(before, list.actions, signal) };
}

/** Actions that can be chosen at once, at most. */
const mostChosen = 2000;

/** All open actions that match, with their events. One that is decided later is refused when it is acted on. */
export async function readAll(conditions: Conditions): Promise<readonly Action[]> {
  const { actions } = await firstActions(groupsOf.open, mostChosen, (state, page) =>
    gatepost().ask("GET /v1/actions", { query: { with: "event", ...page, ...conditions, state: state ?? "" } }),
  );
  return actions.filter(({ id }) => !isDecided(id));
}

/** How many actions a list has; `isExact` is false if there are more. */
export function countActions(filter: StateFilter, conditions: Conditions, signal: AbortSignal) {
  const [first = null, ...others] = groupsOf[filter];
  const state = first === null ? {} : { state: [first, ...others].join(",") };
  return gatepost().ask("GET /v1/actions/count", { query: { ...state, ...conditions }, signal });
}

/** How many announced actions no rule has taken; `isExact` is false if there are more. */
export async function countUntold({ want, ...conditions }: Conditions, signal: AbortSignal) {
  const asked = wantActions.filter((one) => want === undefined || one === want);
  const counts = await Promise.all(
    asked.map(async (one) => {
      const query = { state: "announced", told: "false" as const, ...conditions, want: one };
      return { want: one, ...(await gatepost().ask("GET /v1/actions/count", { query, signal })) };
    }),
  );
  return {
    wants: counts.flatMap((one) => (one.count > 0 ? [one.want] : [])),
    count: counts.reduce((sum, one) => sum + one.count, 0),
    isExact: counts.every((one) => one.isExact),
  };
}

/** Actions that were decided last, of which one request learns. */
const lately = 100;

async function withDecided(before: Actions, latest: Actions, signal: AbortSignal): Promise<Action[]> {
  const open = new Set(latest.map(({ id }) => id));
  const missing = before.filter(({ id }) => !open.has(id) && !isOver(id));
  if (missing.length === 0) return [...latest];
  const query = { state: "declined,done,withheld", limit: lately };
  const { actions } = await gatepost().ask("GET /v1/actions", { query, signal });
  const now = new Map(actions.map((action) => [action.id, action]));
  const left = missing.flatMap((action) => {
    const changed = now.get(action.id);
    return changed === undefined ? [] : [{ ...action, ...changed }];
  });
  return withLeft(before, latest, left);
}

/** The latest list, and in it those that left it, each behind the one that it was behind before. */
export function withLeft(before: Actions, latest: Actions, left: Actions): Action[] {
  const merged = [...latest];
  for (const [at, { id }] of before.entries()) {
    const now = left.find((one) => one.id === id);
    const previous = before[at - 1]?.id;
    if (now !== undefined) merged.splice(merged.findIndex((one) => one.id === previous) + 1, 0, now);
  }
  return merged;
}

/** An event that did not come along is asked for; one that is erased meanwhile stays away. */
async function complete(action: Action, signal: AbortSignal): Promise<void> {
  const { event, eventId } = action;
  const path = { id: eventId };
  const found =
    event ??
    recall(eventId) ??
    (await gatepost()
      .ask("GET /v1/events/{id}", { path, signal })
      .catch(() => null));
  if (found === null) return;
  action.event = found;
  remember(found);
}

type Actions = readonly Action[];

/**
 * The actions to show. While the list has the pointer, the focus or an open dialogue, no action moves, so that the user
 * never presses the button of another one. Counts the actions that are new meanwhile.
 */
export function useHeldList(latest: Actions, list: { current: HTMLElement | null }) {
  const seen = useRef<Actions>(latest);
  const shown = useRef<Actions>(latest);
  const turn = useSignal(0);
  void turn.value;
  if (seen.current !== latest) {
    shown.current = isRead(list.current) ? inPlace(shown.current, latest) : latest;
    seen.current = latest;
  }
  const known = new Set(shown.current.map(({ id }) => id));
  return {
    shown: shown.current,
    fresh: latest.filter(({ id }) => !known.has(id)).length,
    showAll() {
      shown.current = latest;
      turn.value++;
    },
  };
}

/** A dialogue that was opened from the list is over all: what points at it or has the focus in it is not in the list. */
function isRead(list: HTMLElement | null): boolean {
  return list !== null && (list.matches(":hover, :focus-within") || list.querySelector("dialog[open]") !== null);
}

/**
 * The shown actions with their latest data, then the new ones. An action that left the list stays as it was while the
 * user is at the list.
 */
export function inPlace(shown: Actions, latest: Actions): Actions {
  const newer = new Map(latest.map((action) => [action.id, action]));
  const known = new Set(shown.map(({ id }) => id));
  const last = latest.findLastIndex(({ id }) => known.has(id));
  return [...shown.map((action) => newer.get(action.id) ?? action), ...latest.slice(last + 1)];
}

/** Some actions from the beginning of a list. */
export interface ActionList {
  actions: Action[];
  /** Whether the list has more actions. */
  isMore: boolean;
}

/** The start of a page of actions, and its maximum length. */
export interface PageOfActions {
  limit: number;
  cursor?: string;
}

/** The most that the API gives in one page. */
const maxLimit = 500;

/**
 * The first `count` actions: all of one group, then the next group. Asks for one more, to know if the list has more.
 */
export async function firstActions<Group>(
  groups: readonly Group[],
  count: number,
  ask: (group: Group, page: PageOfActions) => Promise<{ actions: Action[]; next: string | null }>,
): Promise<ActionList> {
  // An action whose state changes meanwhile is in the answers for two groups.
  const found = new Map<string, Action>();
  for (const group of groups) {
    let cursor: string | null | undefined;
    while (cursor !== null && found.size <= count) {
      const limit = Math.min(maxLimit, count + 1 - found.size);
      const { actions, next } = await ask(group, { limit, ...(cursor === undefined ? {} : { cursor }) });
      for (const action of actions) found.set(action.id, action);
      cursor = next;
    }
  }
  return { actions: [...found.values()].slice(0, count), isMore: found.size > count };
}
