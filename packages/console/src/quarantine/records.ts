import type { QuarantineGroup, QuarantineRecord } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { readPages, useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";

const everyMs = 30_000;

/** ms until a list is asked for again: as often for each part of it that the server reads at once. */
export const paceOf = (rows: number, batchSize: number) => everyMs * Math.max(1, Math.ceil(rows / batchSize));

export const totalOf = (counted: readonly { count: number }[]) => counted.reduce((sum, { count }) => sum + count, 0);

const each = 50;

/** ms until a list is asked for again that shows how far a replay is. */
const progressMs = 5000;

/**
 * The reports of a group, the newest first, as far as the user has looked; the next page is loaded before the last one
 * is reached.
 *
 * @param at the index of the open report, from 0
 */
export function useRecords({ reason, box, path }: Pick<QuarantineGroup, "reason" | "box" | "path">, at: number) {
  const wanted = useSignal(each);
  const load = async (signal: AbortSignal) => {
    const { items: records, isWhole } = await readPages<QuarantineRecord>(
      (read) => read.length >= wanted.value,
      async (from) => {
        const query = { reason, box, path, limit: each, ...from };
        const page = await gatepost().ask("GET /v1/quarantine", { query, signal });
        return { items: page.records, next: page.next };
      },
    );
    return { records, isWhole };
  };
  const { state, reload } = useLoading(`records ${reason} ${box} ${path}`, load, {
    every: progressMs,
    while: ({ records }) => records.some(({ replay }) => replay !== null),
  });
  const { records, isWhole } = state.value.value ?? { records: [], isWhole: true };
  const isNearEnd = !isWhole && at >= records.length - each / 5;
  useEffect(() => {
    if (!isNearEnd) return;
    wanted.value = records.length + each;
    reload();
  }, [isNearEnd, records.length]);
  return { records, reload };
}
