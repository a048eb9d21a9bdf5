import { anyRoute, reservedSegments, routes } from "@gatepost/core/paths";
import { expect, it } from "vitest";

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

it("never takes a reserved word for the beginning of an event's path", () => {
  const reserved: readonly string[] = reservedSegments;
  for (const { path } of routes) expect(reserved).not.toContain(path.split("/")[1]);
});
