import { readdirSync, readFileSync } from "node:fs";
import { boxStatusKinds, type JsonObject } from "@gatepost/protocol";

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

const isNotice = (dialect: string) => boxStatusKinds.some((kind) => kind === dialect);

/** The bodies that report a passing. */
export function eventFixtures(): [dialect: string, name: string][] {
  return fixtures().filter(([dialect]) => !isNotice(dialect));
}

/** The bodies that report a box's health. */
export function boxStatusFixtures(): [kind: string, name: string][] {
  return fixtures().filter(([dialect]) => isNotice(dialect));
}

/** The part of a path that says which of two dialects of one shape a body is. */
const routes = new Map([
  ["se3-realtime", "RealTimeEvent"],
  ["history-nested", "HistoryEvent"],
  ["platform-b", "PassRecord"],
  ["ws-v5", "LiveEvent"],
]);

export function routeOf(dialect: string): string {
  return routes.get(dialect) ?? "";
}
