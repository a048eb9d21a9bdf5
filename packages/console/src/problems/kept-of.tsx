import type { QuarantineGroup } from "@gatepost/client";
import { words } from "../words/index.ts";

/** How many reports of a group are kept, if others were dropped because quarantine was full. */
export function KeptOf({ group: { count, dropped } }: { group: Pick<QuarantineGroup, "count" | "dropped"> }) {
  if (dropped === 0) return null;
  return <span class="meta">{words.value.problems.keptOf(count, count + dropped)}</span>;
}
