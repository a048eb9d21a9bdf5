import type { Page } from "playwright-core";
import { doorsOf, type Ids, openings, pagesOf } from "../../test/browser/support/states.ts";

/** A page to take a picture of. */
export interface Visit {
  name: string;
  hash: string;
  /** Whether the visitor is not signed in. */
  isDoor: boolean;
  open?(page: Page): Promise<unknown>;
}

/** The visits of a state: `opened` has folded parts and dialogs, every other one all pages. */
export function visitsOf(state: string, ids: Ids): Visit[] {
  if (state === "opened") {
    return Object.entries(openings).map(([name, { hash, open }]) => ({
      name,
      open,
      isDoor: false,
      hash: hash === "event" ? `#/events/${ids.event}` : hash,
    }));
  }
  const doors = Object.entries(doorsOf(ids)).map(([name, hash]) => ({ name, hash, isDoor: true }));
  return [...doors, ...Object.entries(pagesOf(ids)).map(([name, hash]) => ({ name, hash, isDoor: false }))];
}
