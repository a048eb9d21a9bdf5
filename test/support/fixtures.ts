import { readdirSync, readFileSync } from "node:fs";
import type { JsonObject } from "@gatepost/protocol";

const events = new URL("../events/", import.meta.url);

/** The body `test/events/<dialect>/<name>.json`, made anew at every call. */
export function fixture(dialect: string, name: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`${dialect}/${name}.json`, events), "utf8"));
}

/** All bodies of `test/events`, as `[dialect, name]`. */
export function fixtures(): [dialect: string, name: string][] {
  return readdirSync(events).flatMap((dialect) =>
    readdirSync(new URL(`${dialect}/`, events)).map((file): [string, string] => [dialect, file.replace(/\.json$/, "")]),
  );
}

/** The dialects that are read today, and the part of a path that says which of two of one shape it is. */
export const readDialects = {
  "se3-realtime": "RealTimeEvent",
  "history-nested": "HistoryEvent",
  "platform-b": "PassRecord",
  "ws-v5": "LiveEvent",
} as const;
