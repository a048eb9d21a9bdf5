import * as z from "zod";
import type { Standing } from "./spool/counts.ts";
import { countNames } from "./spool/counts.ts";

const count = z.int().nonnegative();

const boxStatus = z.object({
  box: z.string(),
  /** Null for a box that posts to the relay: it comes and goes. */
  connected: z.boolean().nullable(),
  waiting: count,
  bytes: count,
  oldest: z.number().nullable(),
  sent: count,
  refused: count,
  "dropped-age": count,
  "dropped-space": count,
  lastError: z.string().nullable(),
}) satisfies z.ZodType<Standing>;
export type BoxStatus = z.output<typeof boxStatus>;

export const bridgeStatus = z.object({
  running: z.boolean(),
  boxes: z.array(boxStatus),
});
export type BridgeStatus = z.output<typeof bridgeStatus>;

interface Metric {
  name: string;
  help: string;
  type: "gauge" | "counter";
  value(box: BoxStatus, now: number): number | null;
}

const metrics: readonly Metric[] = [
  {
    name: "gatepost_bridge_connected",
    help: "Whether the SE5 is connected.",
    type: "gauge",
    value: ({ connected }) => (connected === null ? null : Number(connected)),
  },
  { name: "gatepost_bridge_waiting_reports", help: "Reports that wait.", type: "gauge", value: (box) => box.waiting },
  { name: "gatepost_bridge_waiting_bytes", help: "Bytes that wait.", type: "gauge", value: (box) => box.bytes },
  {
    name: "gatepost_bridge_oldest_seconds",
    help: "How long the oldest report has been waiting.",
    type: "gauge",
    value: ({ oldest }, now) => (oldest === null ? 0 : Math.max(0, (now - oldest) / 1000)),
  },
  ...countNames.map(
    (name): Metric => ({
      name: `gatepost_bridge_${name.replace("-", "_")}_total`,
      help: `Reports since the spool was made: ${name}.`,
      type: "counter",
      value: (box) => box[name],
    }),
  ),
];

/** The status as Prometheus reads it. */
export function asMetrics({ boxes }: BridgeStatus, now: number): string {
  return metrics
    .map(({ name, help, type, value }) => {
      const lines = boxes.flatMap((box) => {
        const measured = value(box, now);
        return measured === null ? [] : [`${name}{box=${quoted(box.box)}} ${measured}\n`];
      });
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
    })
    .join("");
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
