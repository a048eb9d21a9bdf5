import type { Reception, ReportSign } from "@gatepost/core/boxes";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const week = 7 * day;

/** A Friday, 12:00 UTC. */
export const noon = Date.UTC(2026, 10, 20, 12);

/** Gatepost has received for months. */
export const always: Reception = { since: noon - 300 * day, until: noon, gaps: [] };

/** A history report received from a box at a time, whose passing was a second before. */
export function reported(receivedAt: number, changes: Partial<ReportSign> = {}): ReportSign {
  return {
    box: "gate-1",
    receivedAt,
    kind: "history",
    dialect: "history-v6",
    sentAt: receivedAt - 1000,
    isFlagged: false,
    device: null,
    ...changes,
  };
}
