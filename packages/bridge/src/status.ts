import * as z from "zod";
import { countNames, type SpoolStats } from "./spool/counts.ts";
import type { Spool } from "./spool/spool.ts";

const count = z.int().nonnegative();

const boxStatus = z.object({
  box: z.string(),
  /** Null for a box that posts to the relay: it has no permanent connection. */
  connected: z.boolean().nullable(),
  /** When it last posted to the relay since the bridge was started, ms since 1970. */
  posted: z.number().nullable(),
  waiting: count,
  bytes: count,
  oldest: z.number().nullable(),
  aside: count,
  sent: count,
  refused: count,
  "dropped-age": count,
  "dropped-space": count,
  "dropped-aside": count,
  lastError: z.string().nullable(),
}) satisfies z.ZodType<SpoolStats>;
export type BoxStatus = z.output<typeof boxStatus>;

export const bridgeStatus = z.object({
  running: z.boolean(),
  /**
   * Requests to the relay without a key of the file since the start: how many, the time of the last one (ms), and its
   * address.
   */
  unadmitted: z.object({ times: count, at: z.number(), from: z.string() }).nullable(),
  /** The work on boxes; null if the bridge does not act. */
  acting: z
    .object({
      mode: z.enum(["review", "automatic"]),
      waiting: count,
      /** Why the last request to the cloud or write to the disk failed; null if none failed. */
      lastError: z.string().nullable(),
      /** Which boxes of the configuration no order can reach, and what to do; null if no problem is known. */
      keyProblem: z.string().nullable().default(null),
      /** The loss at this start by a damaged file of orders, and what to do; null if nothing was lost. */
      damage: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
  boxes: z.array(boxStatus),
});
export type BridgeStatus = z.output<typeof bridgeStatus>;

/** Boxes that were removed from the configuration and still have reports in the spool. */
export function leftBehind({ counts }: Spool, names: readonly string[]): BoxStatus[] {
  return counts
    .boxes()
    .filter((box) => !names.includes(box))
    .map((box) => ({ ...counts.of(box), connected: null, posted: null, lastError: "not in the file: it is not sent" }));
}

interface Metric {
  name: string;
  help: string;
  type: "gauge" | "counter";
  value(box: BoxStatus, now: number): number | null;
}

const metrics: readonly Metric[] = [
  {
    name: "gatepost_bridge_connected",
    help: "Whether the SE5 or the terminal is connected.",
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
  {
    name: "gatepost_bridge_aside_reports",
    help: "Refused reports on the side list.",
    type: "gauge",
    value: (box) => box.aside,
  },
  {
    name: "gatepost_bridge_last_post_timestamp_seconds",
    help: "When the box last posted to the relay.",
    type: "gauge",
    value: ({ posted }) => (posted === null ? null : posted / 1000),
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
export function asMetrics({ boxes, unadmitted, acting }: BridgeStatus, now: number): string {
  const ofBoxes = metrics
    .map(({ name, help, type, value }) => {
      const lines = boxes.flatMap((box) => {
        const measured = value(box, now);
        return measured === null ? [] : [`${name}{box=${quoted(box.box)}} ${measured}\n`];
      });
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
    })
    .join("");
  const name = "gatepost_bridge_unadmitted_total";
  const orders = "gatepost_bridge_waiting_orders";
  const ofActing =
    acting === null
      ? ""
      : `# HELP ${orders} Orders of persons that are not done on a box yet.\n# TYPE ${orders} gauge\n${orders} ${acting.waiting}\n`;
  return `${ofBoxes}${ofActing}# HELP ${name} Requests to the relay without a key of the file.\n# TYPE ${name} counter\n${name} ${unadmitted?.times ?? 0}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
