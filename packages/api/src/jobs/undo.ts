import type { ReplayedRecord } from "@gatepost/core/mappings";
import { type MappingId, type StoredEvent, secondMs } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";

/** ms after which no other records are put back in one request. */
const maxMs = 15 * secondMs;

/** Records whose events are withdrawn together. */
const recordsAtOnce = 20;

/** How many events are erased, and how many records are in quarantine again. If it is not done, the caller asks again. */
interface Undone {
  events: number;
  records: number;
  isDone: boolean;
}

type Deps = Pick<ApiPorts, "mappings" | "replayed" | "quarantine" | "eraser" | "clock">;

/**
 * Removes a mapping, puts the records that it has read in replays back into quarantine, and then erases the events of
 * these records. Null if there is no such mapping and no such record. Each step may be repeated: an event is erased only
 * if all of its reports are in quarantine again.
 */
export async function undoMapping(mapping: MappingId, deps: Deps): Promise<Undone | null> {
  const { mappings, replayed, eraser, clock } = deps;
  const until = clock() + maxMs;
  const records: ReplayedRecord[] = [];
  for await (const record of replayed.of(mapping, "ascending")) records.push(record);
  const left = records.filter(({ isUndone }) => !isUndone);
  if (!(await mappings.remove(mapping)) && left.length === 0) return null;
  const back: ReplayedRecord[] = [];
  for (const record of records) if (await putBack(record, deps)) back.push(record);
  const isInQuarantine = receiptsOf(back);
  const isMeant = ({ id, reports }: StoredEvent) =>
    reports.every(({ dialect, receivedAt }) => dialect === mapping && isInQuarantine(id, receivedAt));
  const undone: Undone = { events: 0, records: 0, isDone: true };
  for (let from = 0; from < left.length; from += recordsAtOnce) {
    if (clock() >= until) return { ...undone, isDone: false };
    const some = left.slice(from, from + recordsAtOnce);
    const areBack = some.filter((record) => back.includes(record));
    undone.events += await eraser.withdraw([...new Set(areBack.flatMap(({ events }) => events))], isMeant);
    for (const { id } of some) await replayed.undone(id);
    undone.records += areBack.length;
  }
  return undone;
}

/** Puts a record back as it was before its replay. False if it is gone. */
async function putBack(record: ReplayedRecord, { quarantine }: Pick<Deps, "quarantine">): Promise<boolean> {
  if (!(await quarantine.putBack(record))) return false;
  if (record.keptFor === null || record.isUndone) return true;
  const kept = await quarantine.get(record.id);
  if (kept?.reason === record.keptFor) await quarantine.put({ ...kept, reason: record.reason, event: null });
  return kept !== null;
}

/** Whether a record that was received at a time (ms) has a report of an event. */
function receiptsOf(records: readonly ReplayedRecord[]): (event: string, receivedAt: number) => boolean {
  const receipts = new Set(records.flatMap(({ events, receivedAt }) => events.map((id) => `${id} ${receivedAt}`)));
  return (event, receivedAt) => receipts.has(`${event} ${receivedAt}`);
}
