import * as z from "zod";
import type { Api } from "./client.ts";
import { pagesOf } from "./pages.ts";

const record = z.object({
  id: z.string(),
  box: z.string(),
  path: z.string(),
  reason: z.string(),
  receivedAt: z.string(),
  headers: z.record(z.string(), z.string()),
  event: z.object({ id: z.string() }).nullable(),
  bytes: z.number(),
});

/** With its body as text, as base64 where it is none, or with a link to it where it is too long for an answer. */
export const oneRecord = record.extend({
  body: z.string().optional(),
  bodyBase64: z.string().optional(),
  bodyLink: z.object({ url: z.string(), expires: z.string() }).optional(),
});

export const replayed = z.object({
  id: z.string(),
  outcome: z.enum(["stored", "kept"]),
  events: z.array(z.object({ id: z.string(), outcome: z.string() })),
  quarantined: z.array(z.object({ id: z.string(), reason: z.string() })),
});
export type Replayed = z.output<typeof replayed>;

const page = z.object({
  records: z.array(record),
  next: z.string().nullable(),
  dropped: z.record(z.string(), z.number()),
});

/** What is in quarantine, all pages of it, newest first. */
export async function allRecords(api: Api, box?: string): Promise<Omit<z.output<typeof page>, "next">> {
  const found: Awaited<ReturnType<typeof allRecords>> = { records: [], dropped: {} };
  const ask = (cursor: string | undefined) =>
    api.ask("GET /v1/quarantine", { query: { limit: 500, box, cursor }, answer: page });
  for await (const { records, dropped } of pagesOf(ask)) {
    found.records.push(...records);
    found.dropped = dropped;
  }
  return found;
}
