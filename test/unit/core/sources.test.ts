import { sameBefore, sourcesSchema } from "@gatepost/core/sources";
import { describe, expect, it } from "vitest";

const faultsOf = (topics: string[]) =>
  sourcesSchema
    .safeParse([{ name: "door", mqtt: "mqtts://broker.example", box: "gate-1", topics }])
    .error?.issues.map(({ message }) => message) ?? [];

describe("topics of a source", () => {
  it.each([
    ["doors/#", "doors/+/card"],
    ["doors/#", "doors"],
    ["doors", "doors/#"],
    ["#", "doors/a"],
    ["+/card", "doors/+"],
    ["a/b", "a/b"],
    ["a/+/c/#", "a/b/#"],
  ])("are refused if a message can be of two: %s and %s", (one, other) => {
    expect(faultsOf([one, other])).toEqual([
      `${other} takes messages that another topic takes: each would be delivered twice`,
    ]);
  });

  it.each([
    ["doors/a", "doors/b"],
    ["doors/+", "doors/+/card"],
    ["doors", "doors/a"],
    ["a/+/c", "a/b/d/#"],
    ["A", "a"],
  ])("are taken if none can: %s and %s", (one, other) => {
    expect(faultsOf([one, other])).toEqual([]);
  });
});

describe("a message that a broker marks as sent again", () => {
  const [p, q] = [
    { id: 1, hash: "P", at: 1000 },
    { id: 1, hash: "Q", at: 2000 },
  ];

  it("is the last one of its number, if the content is the same", () => {
    expect(sameBefore([p, { id: 2, hash: "P", at: 1500 }], { id: 1, hash: "P" })).toBe(p);
  });

  it("is a new one if its number has been used for another since", () => {
    expect(sameBefore([p, q], { id: 1, hash: "P" })).toBeUndefined();
    expect(sameBefore([p], { id: 1, hash: "Q" })).toBeUndefined();
    expect(sameBefore([], { id: 1, hash: "P" })).toBeUndefined();
  });
});
