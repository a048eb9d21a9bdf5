import type { ReportKind } from "@gatepost/protocol";

/** These numbers are stored, so they never change. There is room for eight. */
const numbers: Record<ReportKind, number> = { realtime: 0, history: 1, "pass-record": 2, live: 3, backfill: 4 };

/** The id of the row of a report. @param made the number of its event */
export function reportRowOf(made: number, kind: ReportKind): number {
  return made * 8 + numbers[kind];
}

/** Whether a row of `reports` belongs to the event in a row of `events`. */
export const isReportOfEvent = "reports.id BETWEEN events.made * 8 AND events.made * 8 + 7";
