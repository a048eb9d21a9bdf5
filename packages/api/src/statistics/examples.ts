import type { Statistics, TodayCounts } from "@gatepost/core/statistics";

export const exampleStatistics: Statistics = {
  by: "hour",
  zone: "Asia/Shanghai",
  buckets: [{ start: "2026-11-05T12:00:00+08:00", box: "gate-1", type: "vip", count: 1 }],
  match: [{ type: "vip", from: 60, to: 65, count: 1 }],
  busiest: { start: "2026-11-05T12:00:00+08:00", minutes: 30, count: 1 },
  usualWeek: Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0)),
};

export const exampleCounts: TodayCounts = {
  today: 1,
  actions: { pending: 1, announced: 0, failed: 0 },
  boxes: { reporting: 1, silent: 0 },
  problems: { quarantine: 1, deadletters: null, flagged: 1, sinceSeen: 1 },
};
