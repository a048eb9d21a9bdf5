import type { RequestedAction } from "@gatepost/client";

/** Some actions from the beginning of a list. */
export interface ActionList {
  actions: RequestedAction[];
  /** Whether the list goes on. */
  isMore: boolean;
}

/** Where a page of actions begins, and the most that it may hold. */
export interface PageOfActions {
  limit: number;
  cursor?: string;
}

/** The most that the API gives in one page. */
const maxLimit = 500;

/**
 * The first `count` actions: all of one group, then those of the next. One more is asked for, which tells whether the
 * list goes on.
 */
export async function firstActions<Group>(
  groups: readonly Group[],
  count: number,
  ask: (group: Group, page: PageOfActions) => Promise<{ actions: RequestedAction[]; next: string | null }>,
): Promise<ActionList> {
  // An action whose state changes meanwhile comes in two groups.
  const found = new Map<string, RequestedAction>();
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
