import { type Ports, replay } from "@gatepost/ingest";
import type { IngestForApi } from "./ports/api-ports.ts";

/** What the API needs of ingest, over its ports. */
export function ingestForApi(ingest: Ports): IngestForApi {
  const { keys, authRateLimiter, refusals, log, clock } = ingest;
  return { keys, authRateLimiter, refusals, log, clock, replay: (record) => replay(record, ingest) };
}
