import type { Box } from "@gatepost/client";
import { readPages } from "../loading.ts";
import { gatepost } from "../session.ts";

/** Boxes that one request asks for. */
const pageSize = 200;
const maxPages = 20;

/** The first boxes, as many as one page shows, and whether these are all. */
export interface ListedBoxes {
  boxes: readonly Box[];
  isWhole: boolean;
}

/** All boxes, the silent ones first, as the server orders them. */
export async function listBoxes(signal: AbortSignal): Promise<ListedBoxes> {
  const { items: boxes, isWhole } = await readPages<Box>(
    (_, pages) => pages >= maxPages,
    async (from) => {
      const { boxes, next = null } = await gatepost().ask("GET /v1/boxes", {
        query: { limit: pageSize, ...from },
        signal,
      });
      return { items: boxes, next };
    },
  );
  return { boxes, isWhole };
}

const everyMs = 10_000;

/** Ms after which a list is asked for again: so long for each of its pages, because each box of them costs the server. */
export function goodForMs({ boxes }: ListedBoxes): number {
  return everyMs * Math.max(1, Math.ceil(boxes.length / pageSize));
}
