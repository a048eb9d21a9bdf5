import type { Dialect } from "./dialect.ts";
import { historyFlat } from "./dialects/history-flat.ts";
import { historyNested } from "./dialects/history-nested.ts";
import { historyV6 } from "./dialects/history-v6.ts";
import { platformA } from "./dialects/platform-a.ts";
import { platformB } from "./dialects/platform-b.ts";
import { rootFacts } from "./dialects/root-facts.ts";
import { se3Realtime } from "./dialects/se3-realtime.ts";
import { storedV5 } from "./dialects/stored-v5.ts";
import { storedV6 } from "./dialects/stored-v6.ts";
import { wsV5 } from "./dialects/ws-v5.ts";
import { wsV6 } from "./dialects/ws-v6.ts";
import type { JsonObject } from "./json.ts";

/** Rows 6 to 15 of docs/formats.md §6, in their order: the first dialect that fits is the dialect of the body. */
const table: readonly Dialect[] = [
  platformA,
  storedV5,
  storedV6,
  historyV6,
  wsV6,
  historyFlat,
  historyNested,
  wsV5,
  platformB,
  se3Realtime,
  rootFacts,
];

/** The dialect of a body that is not a box status; null where it is unknown. */
export function recognise(body: JsonObject, route: string): Dialect | null {
  return table.find((dialect) => dialect.looksLike(body, route)) ?? null;
}
