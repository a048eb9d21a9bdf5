import type { BoxHealth } from "@gatepost/client";
import { readPages } from "../state/read-pages.ts";
import { gatepost } from "../state/session.ts";

const mostPages = 20;

/** All boxes, the silent ones first, as the server orders them. */
export async function listBoxes(signal: AbortSignal): Promise<BoxHealth[]> {
  const { items } = await readPages<BoxHealth>(
    (_, pages) => pages >= mostPages,
    async (from) => {
      const { boxes, next = null } = await gatepost().ask("GET /v1/boxes", { query: { limit: 200, ...from }, signal });
      return { items: boxes, next };
    },
  );
  return items;
}
