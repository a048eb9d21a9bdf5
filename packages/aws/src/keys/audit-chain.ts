import { setTimeout as pause } from "node:timers/promises";
import { type AuditEntry, type AuditRecord, chained } from "@gatepost/core/audit";
import { absent, equals } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { entryRow, headRow, recordOf, rowOf } from "./audit-row.ts";

/** Tries to append one entry while others append, too. */
const maxTries = 20;

/** Most ms between two tries. */
const maxPauseMs = 200;

/** The last entry of the chain; null where it is empty. */
export async function lastOf(dynamo: Dynamo): Promise<AuditRecord | null> {
  const row = await dynamo.get(headRow);
  return row === null ? null : recordOf(row);
}

/**
 * Appends an entry to the chain. The commit point is one conditional write of the head, which holds the whole entry.
 * Its own row is written after that. If a process ends in between, the next one that appends writes that row first, and
 * until then readers take the entry from the head.
 */
export async function append(
  entry: AuditEntry,
  { dynamo, clock }: { dynamo: Dynamo; clock(): number },
): Promise<number> {
  let tried: AuditRecord | null = null;
  for (let tries = 0; tries < maxTries; tries++) {
    const last = await lastOf(dynamo);
    if (tried !== null && (await isChained(tried, last, dynamo))) return tried.seq;
    if (last !== null) await writeRow(last, dynamo);
    tried = chained(entry, last, clock());
    const isWritten = await moveHead(tried, last, dynamo);
    if (isWritten) {
      await writeRow(tried, dynamo);
      return tried.seq;
    }
    await pause(Math.random() * maxPauseMs);
  }
  throw new Error("the audit log was appended to by others all the time");
}

async function moveHead(record: AuditRecord, last: AuditRecord | null, dynamo: Dynamo): Promise<boolean> {
  const { applied } = await dynamo.update({
    pk: headRow,
    set: { record: JSON.stringify(record), hash: record.hash },
    when: last === null ? absent() : equals("hash", last.hash),
  });
  return applied;
}

async function writeRow(record: AuditRecord, dynamo: Dynamo): Promise<void> {
  await dynamo.put(rowOf(record), absent());
}

/** Whether an earlier try has moved the head, and only its answer was lost. */
async function isChained(tried: AuditRecord, last: AuditRecord | null, dynamo: Dynamo): Promise<boolean> {
  if (last === null || last.seq < tried.seq) return false;
  if (last.seq === tried.seq) return last.id === tried.id;
  const row = await dynamo.get(entryRow(tried.seq));
  return row !== null && recordOf(row).id === tried.id;
}
