import type { Stats } from "@gatepost/client";
import { type BarFacts, barsOf, untilNow } from "./bars-of.ts";
import type { Shown } from "./shown.ts";

/** A device at a box, and its bars. */
export interface DeviceBars {
  box: string;
  /** The name by which it is found; null for passings whose device is not known. */
  device: string | null;
  bars: readonly BarFacts[];
  total: number;
}

/** The gates of counts by device, with the most passings first. */
export function gatesOf(
  { by, buckets }: Stats,
  { stretch: { from, to }, now }: Pick<Shown, "stretch" | "now">,
): DeviceBars[] {
  const apart = Map.groupBy(buckets, ({ box, device = null }) => JSON.stringify([box, device]));
  const gates = [...apart.values()].flatMap((ofGate) => {
    const [first] = ofGate;
    if (first === undefined) return [];
    const { bars } = untilNow(barsOf({ by, buckets: ofGate }, from, to), now);
    const total = bars.reduce((sum, bar) => sum + bar.total, 0);
    return [{ box: first.box, device: first.device ?? null, bars, total }];
  });
  return gates.sort((a, b) => b.total - a.total);
}
