import type { ExportLink, ExportState } from "@gatepost/core/jobs";
import { SignedLinks, type Signing } from "@gatepost/core/pictures";
import { minuteMs } from "@gatepost/protocol";
import * as z from "zod";
import type { ExportFormat, ExportRequest } from "../jobs/job.ts";

/** The stored fields of the result. */
export interface Exported {
  events: number;
  bytes: number;
  file: ExportState;
}

/** What the result is called, and is. */
export function exportFile(id: string, { format, what = "events" }: Pick<ExportRequest, "format" | "what">) {
  const name = what === "events" ? `gatepost-${id}.${format}` : `gatepost-${what}-${id}.${format}`;
  return { name, contentType: contentTypes[format] };
}

/** The types of results. */
export const contentTypes = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
  zip: "application/zip",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
} as const satisfies Record<ExportFormat, string>;

/** ms for which the link to a result is valid. */
export const linkMs = 10 * minuteMs;

/** The id of a job. */
const links = new SignedLinks<[job: string]>({
  purpose: "export",
  schema: z.tuple([z.string(), z.number()]),
  endedAdvice: "read the job again for another link",
});

/** A link of this API to the result of a job. It needs no key. */
export function exportLink(id: string, signing: Signing): ExportLink {
  const until = signing.clock() + linkMs;
  return { url: `/v1/exports/${links.sign([id], until, signing)}`, expires: new Date(until).toISOString() };
}

/** The id of the job whose result a link opens. Throws 404 if the link was not signed here, and 410 if it has ended. */
export function openExportLink(link: string, signing: Signing): string {
  const [id] = links.open(link, signing);
  return id;
}
