import type { QuarantineGroup, QuarantineRecord } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLoading } from "../state/loading.ts";
import { readPages } from "../state/read-pages.ts";
import { gatepost } from "../state/session.ts";

const each = 50;

/**
 * The reports of a group, the newest first, as far as somebody has looked; the next ones come before the last is
 * reached.
 *
 * @param at which of them is looked at, from 0
 */
export function useRecords({ reason, box, path }: Pick<QuarantineGroup, "reason" | "box" | "path">, at: number) {
  const wanted = useSignal(each);
  const { state, reload } = useLoading(`records ${reason} ${box} ${path}`, async (signal) => {
    const { items: records, isWhole } = await readPages<QuarantineRecord>(
      (read) => read.length >= wanted.value,
      async (from) => {
        const query = { reason, box, path, limit: each, ...from };
        const page = await gatepost().ask("GET /v1/quarantine", { query, signal });
        return { items: page.records, next: page.next };
      },
    );
    return { records, isWhole };
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
