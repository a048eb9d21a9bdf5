import { describe, expect, it } from "vitest";
import { firstSaid, readDeviceType, scored } from "../../../../packages/protocol/src/dialects/readings.ts";
import type { Path } from "../../../../packages/protocol/src/paths.ts";

describe("the type of a device", () => {
  it("is read if it is known", () => {
    const keep: Path[] = [];
    expect([readDeviceType("3", ["d"], keep), readDeviceType(undefined, ["d"], keep)]).toEqual([
      "ipc-dynamic",
      undefined,
    ]);
    expect(keep).toEqual([]);
  });

  it("stays at its path if it is unknown", () => {
    const keep: Path[] = [];
    expect(readDeviceType("drone", ["e", "d"], keep)).toBeUndefined();
    expect(keep).toEqual([["e", "d"]]);
  });
});

it("scores on the dialect's scale", () => {
  expect(scored(0.5, 1)).toEqual([0.5, 1]);
  expect(scored(50, null)).toEqual([50, null]);
  expect(scored(undefined, 1)).toBeUndefined();
});

describe("several names of one value", () => {
  const names = (...values: unknown[]) => values.map((value, at) => ({ value, at: [`${at}`] }));

  it("yield the first one with a value, and the other values are kept", () => {
    const keep: Path[] = [];
    expect(firstSaid(names(undefined, null, "", "a", "b", ""), keep)).toBe("a");
    expect(keep).toEqual([["4"]]);
  });

  it("may all be empty", () => {
    const keep: Path[] = [];
    expect(firstSaid(names("", null), keep)).toBeUndefined();
    expect(keep).toEqual([]);
  });
});
