import type { Json } from "@gatepost/protocol";
import { isOfUnknownShape } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../packages/receive/src/deliver/understand.ts";

const shapeOfValue = (value: Json) => shapeOf("unknown-shape", value);

describe("the shape of a report", () => {
  it.each<[string, Json, Json]>([
    ["values", { at: 1, on: true, by: "a" }, { at: 2, on: false, by: "b" }],
    ["the order of members", { a: 1, b: 2 }, { b: 2, a: 1 }],
    ["numbers in names", { sensor12: 1 }, { sensor345: 1 }],
    ["members of the third level", { a: { b: { c: 1 } } }, { a: { b: { d: "x" } } }],
    ["further members of lists", { a: [1] }, { a: [1, "x", null] }],
    ["lists of the third level", { a: { b: [1] } }, { a: { b: ["x"] } }],
  ])("is the same with other %s", (_, one, other) => {
    expect(shapeOfValue(one)).toBe(shapeOfValue(other));
  });

  it.each<[string, Json, Json]>([
    ["another member", { a: 1 }, { a: 1, b: 1 }],
    ["another type", { a: 1 }, { a: "1" }],
    ["null", { a: 1 }, { a: null }],
    ["a list in place of an object", { a: {} }, { a: [] }],
    ["another member of the second level", { a: { b: 1 } }, { a: { c: 1 } }],
    ["no object", {}, "text"],
  ])("is another one with %s", (_, one, other) => {
    expect(shapeOfValue(one)).not.toBe(shapeOfValue(other));
  });

  it("has one reason, and is short for a report of any size", () => {
    expect(shapeOf("unclear-notice:devices", {})).not.toBe(shapeOfValue({}));
    const names = Array.from({ length: 20_000 }, (_, at) => [`${"a".repeat(at % 90)}`, at]);
    expect(shapeOfValue(Object.fromEntries(names))).toHaveLength(32);
  });

  it.each([
    ["unknown-shape", true],
    ["not-an-object", false],
    ["unclear-notice:devices", true],
    ["picture", false],
    ["not-json", false],
    ["batch-too-long", false],
  ])("is noted for the reason %s: %s", (reason, is) => {
    expect(isOfUnknownShape(reason)).toBe(is);
  });
});
