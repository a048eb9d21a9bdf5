import type { JobDeps } from "./deps.ts";

const pageSize = 500;

type Listed = Awaited<ReturnType<JobDeps["quarantine"]["list"]>>["items"][number];

/**
 * Looks at some of the records in quarantine, the newest first: as many as one slice of a job may. Returns where the next
 * slice goes on; null after the last record.
 *
 * @param of the records of this box, or of these; null for all
 */
export async function someRecords(
  of: string | readonly string[] | null,
  { cursor, limit }: { cursor: string | null; limit: number },
  see: (record: Listed) => void,
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
