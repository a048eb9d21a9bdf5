import { anyRoute, eventTypeAt, eventTypes, isExpected, reservedSegments, routes } from "@gatepost/core/paths";
import { dialectNames } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { textOf } from "../house/sources.ts";

it("has the paths that boxes and platforms post to", () => {
  expect(routes.map(({ path }) => path)).toEqual([
    "/RealTimeEvent",
    "/HistoryEvent",
    "/EventServer/api/HistoryEvent",
    "/AsyncEvent",
    "/PassRecord",
    "/LiveEvent",
  ]);
});

it("names each handler as a file can be named", () => {
  for (const { handler } of [...routes, anyRoute]) expect(handler).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

it("has in each function the type of event of its routes", () => {
  const typeIn = (handler: string) => /eventHandler\(\{ type: "([\w-]+)"/.exec(textOf(`functions/${handler}.ts`))?.[1];
  for (const { handler, type } of routes) expect([handler, typeIn(handler)]).toEqual([handler, type]);
  expect(typeIn(anyRoute.handler)).toBe("any");
  expect(new Set(routes.map(({ type }) => type))).toEqual(new Set(eventTypes.map(({ type }) => type)));
});

describe("the type of event of a path", () => {
  it.each([
    [["RealTimeEvent"], "real-time"],
    [["EventServer", "api", "HistoryEvent"], "history"],
    [["historyevent"], undefined],
    [["x", "HistoryEvent"], undefined],
    [[], undefined],
  ])("is by its path %j the type %s", (path, type) => {
    expect(eventTypeAt(path)?.type).toBe(type);
  });

  it("expects its usual dialects, and the dialects of any path", () => {
    const expected = (type: string) => {
      const found = eventTypes.find((one) => one.type === type);
      return found && dialectNames.filter((name) => isExpected(name, found));
    };
    const ofAnyPath = ["stored-v5", "stored-v6", "root-facts"];
    for (const [type, usual] of [
      ["real-time", ["ws-v6", "ws-v5", "se3-realtime"]],
      ["history", ["history-v6", "history-flat", "history-nested"]],
      ["async", ["history-flat", "history-nested"]],
      ["pass-record", ["platform-a", "platform-b"]],
      ["live", ["ws-v6", "ws-v5"]],
    ] as const)
      expect(expected(type)?.toSorted()).toEqual([...usual, ...ofAnyPath].toSorted());
  });
});

it("never takes a reserved word for the beginning of an event's path", () => {
  const reserved: readonly string[] = reservedSegments;
  for (const { path } of routes) expect(reserved).not.toContain(path.split("/")[1]);
});
