import type { HalfHourRange } from "@gatepost/core/statistics";
import { among, type Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

export function limitedStatistics(
  { statistics, counts }: ApiPorts,
  { boxes }: Seen,
): Pick<ApiPorts, "statistics" | "counts"> {
  const within = (range: HalfHourRange) => ({ ...range, boxes: among(boxes, range.boxes) });
  return {
    statistics: {
      read: (range) => statistics.read(within(range)),
      totals: (range) => statistics.totals(within(range)),
      flags: (range) => statistics.flags(within(range)),
      flagged: (range) => statistics.flagged(within(range)),
    },
    counts: { read: (asked) => counts.read({ ...asked, boxes: among(boxes, asked.boxes) }) },
  };
}
