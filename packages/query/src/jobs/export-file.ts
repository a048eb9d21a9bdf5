import type { ExportState } from "@gatepost/core/jobs";
import type { ExportRequest } from "./job.ts";

/** What is stored of the result. */
export interface Exported {
  events: number;
  bytes: number;
  file: ExportState;
}

/** What the result is called, and is. */
export function exportFile(id: string, { format }: Pick<ExportRequest, "format">) {
  return { name: `gatepost-${id}.${format}`, contentType: contentTypes[format] };
}

const contentTypes = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
  zip: "application/zip",
} as const;
