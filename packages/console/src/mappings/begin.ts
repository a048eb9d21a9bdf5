import type { QuarantineGroup, QuarantineRecord } from "@gatepost/client";
import { readPages } from "../state/loading.ts";
import { unknownShape } from "../state/mappings/teachable.ts";
import { gatepost } from "../state/session.ts";
import { type TaughtDraft, taughtDraft } from "./draft.ts";
import { keptDraft } from "./kept-draft.ts";

/** Most reports that a mapping is tried on at once, and most bytes of them together: the server takes no more. */
const maxTried = 100;
const maxTriedBytes = 32 * 1024 * 1024;

/** The subject of the page: a group of reports, or a mapping that is changed. */
export type TaughtSubject = Required<Group> | { mapping: string };

/** A mapping as it is stored. */
interface StoredMapping {
  id: string;
  rev: number;
  name: string;
}

type Group = { reason: string; box?: string; path?: string };

export interface BegunTeaching {
  /** The reports that are replayed after saving: a group, or all of the box of a changed mapping. */
  group: Group;
  /** The reports on which the draft is tried: the newest of the group, and of those that the changed mapping has replayed. */
  records: readonly QuarantineRecord[];
  /** How many reports the draft could be tried on. */
  known: number;
  /** How many reports the group has, and how many others were dropped because quarantine was full. */
  total: number;
  dropped: number;
  /** Null for a new one. */
  stored: StoredMapping | null;
  /** As it is stored; null for a new one. */
  before: TaughtDraft | null;
  /** Null if there is nothing to begin with. */
  draft: TaughtDraft | null;
}

export const subjectName = (subject: TaughtSubject) => JSON.stringify(subject);

/** Reads the reports of a subject, and its mapping: the draft of this tab, the stored one, or a suggestion. */
export async function begin(subject: TaughtSubject, signal: AbortSignal): Promise<BegunTeaching> {
  const mapping = "mapping" in subject ? await readMapping(subject.mapping, signal) : null;
  const group: Group = "mapping" in subject ? { reason: unknownShape, ...boxIn(mapping?.draft) } : subject;
  const replayed = mapping === null ? [] : await readReplayed(mapping.stored.id, signal);
  const waiting = await readRecords(group, signal);
  const records = newestWithin([...waiting, ...replayed]);
  const kept = keptDraft(subjectName(subject));
  const draft = kept ?? mapping?.draft ?? (records.length === 0 ? null : await suggest(records, signal));
  const { total, dropped } = waiting.length === 0 ? { total: 0, dropped: 0 } : await countsOf(group, signal);
  const known = total + replayed.length;
  return {
    group,
    records,
    known,
    total,
    dropped,
    stored: mapping?.stored ?? null,
    before: mapping?.draft ?? null,
    draft,
  };
}

const boxIn = (draft: TaughtDraft | undefined) => (draft?.box == null ? {} : { box: draft.box });

async function readMapping(id: string, signal: AbortSignal): Promise<{ stored: StoredMapping; draft: TaughtDraft }> {
  const stored = await gatepost().ask("GET /v1/mappings/{id}", { path: { id }, signal });
  const draft = taughtDraft(stored);
  if (draft === null) throw new Error("this is no mapping");
  return { stored, draft };
}

async function readRecords(query: Group, signal: AbortSignal): Promise<QuarantineRecord[]> {
  const { items } = await readPages<QuarantineRecord>(
    (read) => read.length >= maxTried,
    async (from) => {
      const page = await gatepost().ask("GET /v1/quarantine", {
        query: { ...query, limit: maxTried, ...from },
        signal,
      });
      return { items: page.records, next: page.next };
    },
  );
  return items;
}

async function readReplayed(id: string, signal: AbortSignal): Promise<QuarantineRecord[]> {
  return (await gatepost().ask("GET /v1/mappings/{id}/records", { path: { id }, signal })).records;
}

/** The newest reports, as many as the server tries at once. */
export function newestWithin<Kept extends Pick<QuarantineRecord, "receivedAt" | "bytes">>(
  records: readonly Kept[],
): Kept[] {
  const newestFirst = records.toSorted((a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt));
  let bytes = 0;
  return newestFirst.slice(0, maxTried).filter((record) => {
    bytes += record.bytes;
    return bytes <= maxTriedBytes;
  });
}

async function suggest(records: readonly QuarantineRecord[], signal: AbortSignal): Promise<TaughtDraft | null> {
  const body = { records: records.map(({ id }) => id) };
  const { mapping } = await gatepost().ask("POST /v1/mappings/suggest", { body, signal });
  return taughtDraft(mapping);
}

/** How many reports a group has in all, and how many more it had. */
async function countsOf(
  { reason, box, path }: Group,
  signal: AbortSignal,
): Promise<{ total: number; dropped: number }> {
  const { groups } = await gatepost().ask("GET /v1/quarantine/groups", { signal });
  const isMeant = (one: QuarantineGroup) =>
    one.reason === reason && (box ?? one.box) === one.box && (path ?? one.path) === one.path;
  return groups
    .filter(isMeant)
    .reduce((sum, { count, dropped }) => ({ total: sum.total + count, dropped: sum.dropped + dropped }), {
      total: 0,
      dropped: 0,
    });
}
