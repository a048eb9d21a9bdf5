import type { Operations, QuarantineGroup } from "@gatepost/client";
import type { Api } from "../client.ts";
import { pagesOf } from "../progress-bar.ts";

type Sample = Operations["GET /v1/quarantine/{id}/sample"]["answer"];

/** A sample as the request that would send it. */
export function requestOf({ path, headers, body, bodyBase64 = "" }: Sample): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`POST /{KEY}${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return Buffer.concat([head, body === undefined ? Buffer.from(bodyBase64, "base64") : Buffer.from(body)]);
}

/** The groups of records of which others were dropped because quarantine was full. */
export async function thinnedGroups(api: Api, box?: string): Promise<QuarantineGroup[]> {
  const { groups } = await api.ask("GET /v1/quarantine/groups");
  return groups.filter((one) => one.dropped > 0 && (box ?? one.box) === one.box);
}

/** All pages of the quarantine, newest first. */
export async function allRecords(
  api: Api,
  box?: string,
): Promise<Omit<Operations["GET /v1/quarantine"]["answer"], "next">> {
  const found: Awaited<ReturnType<typeof allRecords>> = { records: [], dropped: {} };
  const ask = (cursor: string | undefined) => api.ask("GET /v1/quarantine", { query: { limit: 500, box, cursor } });
  for await (const { records, dropped } of pagesOf(ask)) {
    found.records.push(...records);
    found.dropped = dropped;
  }
  return found;
}
