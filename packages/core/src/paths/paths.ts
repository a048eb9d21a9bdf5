/** The paths after the key, and the Lambda function (a file in functions/) and the type of event of each. */
export const routes = [
  { path: "/RealTimeEvent", handler: "realtime-event", type: "real-time" },
  { path: "/HistoryEvent", handler: "history-event", type: "history" },
  { path: "/EventServer/api/HistoryEvent", handler: "history-event", type: "history" },
  { path: "/AsyncEvent", handler: "async-event", type: "async" },
  { path: "/PassRecord", handler: "pass-record", type: "pass-record" },
  { path: "/LiveEvent", handler: "live-event", type: "live" },
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

/** True if a request is for readers or people, and never for a box: the first part of its path is reserved. */
export function isReserved(segments: readonly string[]): boolean {
  return reservedSegments.some((reserved) => reserved === segments[0]);
}

/** A text as one part of a path. A gateway decodes slashes, and browsers resolve dots: such a text is sent as base64url. */
export function pathPart(text: string): string {
  return /^\.|[/\\%]/.test(text) ? `.${Buffer.from(text).toString("base64url")}` : encodeURIComponent(text);
}

/** A dot that a URL parser decodes. It leaves slashes and backslashes encoded. */
const encodedDot = /%2e/i;

/** Decodes a path. A path that is not valid percent-encoding is returned unchanged. */
export function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * The handler of a path, encoded or not. A path under a reserved word that a URL parser would read as another path
 * (`/docs/../v1/keys`, `//v1/keys`) belongs to no handler: a decision for one path must not be used for another.
 */
export function destinationOf(path: string): "api" | "ingest" | "nobody" {
  const segments = decodePath(path).replaceAll("\\", "/").split("/");
  const [first] = segments.filter((segment) => segment !== "");
  if (first === undefined || !isReserved([first])) return "ingest";
  const isPlain = `${path}/`.startsWith(`/${first}/`) && !encodedDot.test(path) && !path.includes("\\");
  return isPlain && !segments.includes("..") && !segments.includes(".") ? "api" : "nobody";
}
