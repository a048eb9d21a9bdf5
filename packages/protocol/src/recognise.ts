import type { Dialect, Sender } from "./dialect.ts";
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
const dialects = [
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
] as const;

export type DialectName = (typeof dialects)[number]["name"];

export const dialectNames: readonly DialectName[] = dialects.map(({ name }) => name);

/** The dialect of a body that is not a box status; null if it is unknown. */
export function recognise(body: JsonObject, route: string): Dialect<DialectName> | null {
  return dialects.find((dialect) => dialect.looksLike(body, route)) ?? null;
}

/** The box or platform that sends a dialect. */
export function senderOf(name: DialectName): Sender {
  return dialects.find((dialect) => dialect.name === name)?.sender ?? {};
}
