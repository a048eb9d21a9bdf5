import {
  type AuditHead,
  type AuditReader,
  type AuditRecord,
  auditKeptMs,
  ChainCheck,
  type ChainFinding,
} from "@gatepost/core/audit";

/** All entries of an audit log, the oldest first. */
export async function auditEntries(log: AuditReader): Promise<AuditRecord[]> {
  const { items } = await log.list({}, { limit: 1000, cursor: null });
  return items.reverse();
}

/** Follows the chain of an audit log from its head, as `gatepost audit verify` does. */
export async function verified(
  log: AuditReader,
  { now, known = null }: { now: number; known?: AuditHead | null },
): Promise<ChainFinding> {
  const check = new ChainCheck(await log.head(), known);
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<AuditReader["list"]>> = await log.list({}, { limit: 100, cursor });
    for (const record of page.items) check.take(record);
    cursor = page.next;
  } while (cursor !== null);
  return check.end(now - auditKeptMs);
}
