import { dayMs } from "@gatepost/protocol";
import * as z from "zod";
import type { JobDeps } from "../ports.ts";

const pageSize = 500;

/**
 * Looks at some of the records in quarantine, the newest first: as many as one slice of a job may. Returns the cursor
 * of the next slice; null after the last record.
 *
 * @param of the records of this box, or of these; null for all
 */
export async function someRecords(
  of: string | readonly string[] | null,
  { cursor, limit }: { cursor: string | null; limit: number },
  see: (record: Awaited<ReturnType<JobDeps["quarantine"]["list"]>>["items"][number]) => void,
  { quarantine }: Pick<JobDeps, "quarantine">,
): Promise<string | null> {
  let at = cursor;
  for (let looked = 0; looked < limit; ) {
    const page = await quarantine.list(of, { limit: Math.min(pageSize, limit - looked), cursor: at });
    for (const record of page.items) see(record);
    if (page.next === null) return null;
    at = page.next;
    looked += Math.max(page.items.length, 1);
  }
  return at;
}

/** The position of the count, and its result so far. */
export const unknownProgress = z.object({
  cursor: z.string().nullable(),
  isDone: z.boolean(),
  count: z.int(),
  /** When the newest was received, ms. */
  latest: z.int().nullable(),
});
export type UnknownProgress = z.output<typeof unknownProgress>;

export const noneUnknown: UnknownProgress = { cursor: null, isDone: false, count: 0, latest: null };

/**
 * Counts the quarantined records without an event: their persons are unknown. Call it with its last result until
 * `isDone`.
 *
 * @param boxes those whose records count; null for all
 */
export async function countUnknown(
  boxes: readonly string[] | null,
  { limit, before }: { limit: number; before: UnknownProgress },
  deps: Pick<JobDeps, "quarantine">,
): Promise<UnknownProgress> {
  let { count, latest } = before;
  const see = ({ event, receivedAt }: { event: unknown; receivedAt: number }) => {
    if (event !== null) return;
    count += 1;
    latest = Math.max(latest ?? receivedAt, receivedAt);
  };
  const cursor = await someRecords(boxes, { cursor: before.cursor, limit }, see, deps);
  return { cursor, isDone: cursor === null, count, latest };
}

/** How many there are, and by when (ms) the last of them is gone. */
export async function unknownOnReceipt(
  { count, latest }: UnknownProgress,
  { server }: Pick<JobDeps, "server">,
): Promise<{ count: number; goneBy: number | null }> {
  const { quarantineDays } = await server.retention();
  return { count, goneBy: latest === null ? null : latest + quarantineDays * dayMs };
}
