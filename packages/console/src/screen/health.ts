import type { BoxHealth } from "@gatepost/client";
import { readPages } from "../state/loading.ts";
import { openPages } from "../state/role.ts";
import { gatepost } from "../state/session.ts";

/** Ms after which it is asked for again. */
export const everyMs = 30_000;

const pageSize = 200;
const maxPages = 20;

export interface Health {
  reporting: number;
  silent: number;
  /** The silent ones by name, if the user may see boxes; those that are expected to be silent are left out. */
  silentBoxes: readonly BoxHealth[];
}

/** How many boxes of a site report, and which are silent; null if the user may not know. */
export async function listHealth(site: string | null, signal: AbortSignal): Promise<Health | null> {
  const ofSite = site === null ? {} : { site };
  if (!openPages.peek().includes("boxes")) {
    const { boxes } = await gatepost().ask("GET /v1/counts", { query: ofSite, signal });
    return boxes === null ? null : { ...boxes, silentBoxes: [] };
  }
  const { items } = await readPages<BoxHealth>(
    (_, pages) => pages >= maxPages,
    async (from) => {
      const query = { limit: pageSize, ...ofSite, ...from };
      const { boxes, next = null } = await gatepost().ask("GET /v1/boxes", { query, signal });
      return { items: boxes, next };
    },
  );
  const silentBoxes = items.filter(({ state, silence }) => state === "silent" && !silence.isExpected);
  return {
    reporting: items.filter(({ state }) => state === "reports").length,
    silent: silentBoxes.length,
    silentBoxes,
  };
}
