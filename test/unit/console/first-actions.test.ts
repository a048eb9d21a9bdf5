import type { Action } from "@gatepost/client";
import { expect, it } from "vitest";
import { firstActions, type PageOfActions } from "../../../packages/console/src/acting/listing.ts";

/** Actions as the API gives them: at most 500 a page, the cursor is where the page begins. */
function apiOf(counts: Record<string, number>) {
  const limits: number[] = [];
  const ask = async (state: string, { limit, cursor = "0" }: PageOfActions) => {
    if (limit < 1 || limit > 500) throw new Error(`limit ${limit}`);
    limits.push(limit);
    const all = Array.from({ length: counts[state] ?? 0 }, (_, at) => ({ id: `${state} ${at}`, state }));
    const end = Number(cursor) + limit;
    const actions = all.slice(Number(cursor), end) as unknown as Action[];
    return { actions, next: end < all.length ? String(end) : null };
  };
  return { limits, ask };
}

const open = ["failed", "announced", "pending"];

it("begins with what failed, also where it is older than a page of what waits", async () => {
  const { ask } = apiOf({ failed: 1, announced: 60, pending: 3 });
  const { actions, isMore } = await firstActions(open, 50, ask);
  expect(actions.map(({ id }) => id).slice(0, 3)).toEqual(["failed 0", "announced 0", "announced 1"]);
  expect(actions).toHaveLength(50);
  expect(isMore).toBe(true);
});

it("follows the cursors beyond what one page may hold, until all are there", async () => {
  const { ask } = apiOf({ failed: 10, announced: 1200, pending: 20 });
  const some = await firstActions(open, 1200, ask);
  expect(new Set(some.actions.map(({ id }) => id)).size).toBe(1200);
  expect(some.isMore).toBe(true);
  const all = await firstActions(open, 1250, ask);
  expect(all.actions).toHaveLength(1230);
  expect(all.actions.at(-1)).toMatchObject({ id: "pending 19" });
  expect(all.isMore).toBe(false);
});

it("says that there is no more if a page ends with the list", async () => {
  const { ask, limits } = apiOf({ failed: 20, announced: 30 });
  expect(await firstActions(open, 50, ask)).toMatchObject({ isMore: false });
  expect(limits).toEqual([51, 31, 1]);
  expect((await firstActions(open, 20, apiOf({ failed: 20, announced: 1 }).ask)).isMore).toBe(true);
});

it("has an action once whose state changed between two questions", async () => {
  const action = { id: "act_1", state: "failed" } as Action;
  const ask = async () => ({ actions: [action], next: null });
  expect((await firstActions(open, 50, ask)).actions).toEqual([action]);
});
