import type { QuarantineGroup, QuarantineRecord } from "./ports.ts";

type KeptRecord = Pick<QuarantineRecord, "reason" | "box" | "path" | "receivedAt"> & { bytes: number; dropped: number };

/** Groups records, the group with the newest record first. */
export function quarantineGroups(records: readonly KeptRecord[]): QuarantineGroup[] {
  const groups = Map.groupBy(records, ({ reason, box, path }) => JSON.stringify([reason, box, path]));
  return newestFirst([...groups.values()].flatMap((records) => groupOf(records) ?? []));
}

export function newestFirst(groups: QuarantineGroup[]): QuarantineGroup[] {
  return groups.sort((a, b) => (a.last < b.last ? 1 : -1));
}

function groupOf(records: readonly KeptRecord[]): QuarantineGroup | null {
  const [any] = records;
  if (any === undefined) return null;
  const times = records.map(({ receivedAt }) => receivedAt);
  const instantOf = (time: number) => new Date(time).toISOString();
  const { reason, box, path } = any;
  const sumOf = (name: "bytes" | "dropped") => records.reduce((sum, one) => sum + one[name], 0);
  const sums = { bytes: sumOf("bytes"), dropped: sumOf("dropped") };
  const [first, last] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  return { reason, box, path, count: records.length, ...sums, first: instantOf(first), last: instantOf(last) };
}
