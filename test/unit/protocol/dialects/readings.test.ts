import { describe, expect, it } from "vitest";
import { firstSaid, readTypes, scored, serialOf } from "../../../../packages/protocol/src/dialects/readings.ts";
import type { Path } from "../../../../packages/protocol/src/paths.ts";

describe("types", () => {
  const types = (device: string | undefined, person: string | undefined) =>
    readTypes({ device: { sent: device, at: ["d"] }, person: { sent: person, at: ["e", "p"] } });

  it("are read where they are known", () => {
    expect(types("3", "5")).toEqual({ device: "ipc-dynamic", person: "vip", keep: [] });
    expect(types(undefined, undefined)).toEqual({ device: undefined, person: undefined, keep: [] });
  });

  it("that are unknown stay where they were sent", () => {
    expect(types("drone", "car")).toEqual({ device: null, person: "unknown", keep: [["d"], ["e", "p"]] });
  });
});

it("scores as the dialect tells", () => {
  expect(scored(0.5, 1)).toEqual([0.5, 1]);
  expect(scored(50, null)).toEqual([50, null]);
  expect(scored(undefined, 1)).toBeUndefined();
});

it.each([
  ["SNO1__192.168.1.60", "SNO1"],
  ["SNO1", undefined],
  [undefined, undefined],
])("takes of the endpoint %j the serial %j", (endpoint, serial) => {
  expect(serialOf(endpoint)).toBe(serial);
});

describe("of several names of one thing", () => {
  const names = (...values: unknown[]) => values.map((value, at) => ({ value, at: [`${at}`] }));

  it("the first that says something is believed, and what else was said is kept", () => {
    const keep: Path[] = [];
    expect(firstSaid(names(undefined, null, "", "a", "b", ""), keep)).toBe("a");
    expect(keep).toEqual([["4"]]);
  });

  it("none may say anything", () => {
    const keep: Path[] = [];
    expect(firstSaid(names("", null), keep)).toBeUndefined();
    expect(keep).toEqual([]);
  });
});
