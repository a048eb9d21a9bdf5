import type { Log } from "@gatepost/core/log";
import type { Report } from "@gatepost/protocol";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { eventOf } from "./row.ts";

/**
 * Reads the reports of an event, so that a picture that it already has is not written again. Where the table does not
 * answer in time, returns none: then the picture is written again.
 */
export async function heldReports(
  eventId: string,
  { dynamo, log, clock }: { dynamo: Dynamo; log: Log; clock(): number },
): Promise<readonly Report[]> {
  try {
    const row = (await dynamo.getAll([eventId])).get(eventId);
    return row === undefined || isExpired(row, clock()) ? [] : eventOf(row).reports;
  } catch (cause) {
    log.warn("what an event has was not read", { cause });
    return [];
  }
}
