/** The paths for the kinds of report, after the key, and the Lambda function (a file in functions/) of each. */
export const routes = [
  { path: "/RealTimeEvent", handler: "realtime-event" },
  { path: "/HistoryEvent", handler: "history-event" },
  { path: "/EventServer/api/HistoryEvent", handler: "history-event" },
  { path: "/AsyncEvent", handler: "async-event" },
  { path: "/PassRecord", handler: "pass-record" },
  { path: "/LiveEvent", handler: "live-event" },
] as const;

/** Handles every other path under a key, and every GET and HEAD. */
export const anyRoute = { handler: "any-event" } as const;

/** First parts of a path that are never a key. */
export const reservedSegments = [
  "v1",
  "live",
  "healthz",
  "docs",
  "openapi.json",
  "SophonDevice",
  "assets",
  "metrics",
] as const;
