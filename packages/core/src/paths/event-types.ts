import {
  type DialectName,
  historyFlat,
  historyNested,
  historyV6,
  platformA,
  platformB,
  rootFacts,
  se3Realtime,
  storedV5,
  storedV6,
  wsV5,
  wsV6,
} from "@gatepost/protocol";
import { routes } from "./paths.ts";

/**
 * The types of event, and the dialects that belong to the paths of each. Any other dialect is understood as well, and
 * gives the same event: a wrong path does no harm, but it is shown on the page of the box. docs/protocol.md#dialects.
 */
export const eventTypes = [
  { type: "real-time", expects: [se3Realtime, wsV5, wsV6] },
  { type: "history", expects: [historyNested, historyFlat, historyV6] },
  { type: "async", expects: [historyNested, historyFlat] },
  { type: "pass-record", expects: [platformB, platformA] },
  { type: "live", expects: [wsV5, wsV6] },
] as const;

export type EventType = (typeof eventTypes)[number];

/** The dialects of every path: events that were fetched from boxes, and reports that have lost their shape. */
const ofAnyPath = [storedV5, storedV6, rootFacts];

/** The type of event of a path after the key; null if it takes any. */
export function eventTypeAt(path: readonly string[]): EventType | null {
  const sent = `/${path.join("/")}`;
  const route = routes.find((one) => one.path === sent);
  return eventTypes.find(({ type }) => type === route?.type) ?? null;
}

/** Whether a dialect belongs to a path. A report that is read by a mapping may come to any. */
export function isExpected(dialect: DialectName, { expects }: EventType): boolean {
  return dialect.startsWith("map_") || [...expects, ...ofAnyPath].some(({ name }) => name === dialect);
}
