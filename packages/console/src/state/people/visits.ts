import type { Api } from "@gatepost/client";
import { gatepost } from "../session.ts";

export type Visit = Api["GET /v1/visits"]["answer"]["visits"][number];

/** Visits of one request, which are all that the page shows. */
const pageSize = 500;

/** Ms after which the visits are read again. */
export const goodForMs = 30_000;

/** The visitors who are expected today at a site. */
export async function readVisits(site: string, signal: AbortSignal): Promise<readonly Visit[]> {
  return (await gatepost().ask("GET /v1/visits", { query: { site, limit: pageSize }, signal })).visits;
}
