import type { BoxHealth } from "@gatepost/client";
import { gatepost } from "../state/session.ts";

const mostPages = 20;

/** All boxes, the silent ones first, as the server orders them. */
export async function listBoxes(signal: AbortSignal): Promise<BoxHealth[]> {
  const all: BoxHealth[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const { boxes, next = null } = await gatepost().ask("GET /v1/boxes", { query, signal });
    all.push(...boxes);
    if (next === null) break;
    cursor = next;
  }
  return all;
}
