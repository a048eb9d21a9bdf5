import { describe, expect, it } from "vitest";
import { canonicalJson, isDeeperThan, isObject, type Json } from "../../packages/protocol/src/json.ts";

function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

it("calls an object what has members, and no list, null or text", () => {
  expect([{}, [], null, "a", 1].map(isObject)).toEqual([true, false, false, false, false]);
});

describe("depth", () => {
  it("counts lists and objects alike", () => {
    expect(isDeeperThan(4, nested(4))).toBe(false);
    expect(isDeeperThan(4, nested(5))).toBe(true);
  });

  it("counts an empty list as a level", () => {
    expect(isDeeperThan(1, [[]])).toBe(true);
  });

  it("is that of the deepest member, wherever it is", () => {
    expect(isDeeperThan(3, { a: 1, b: [1, nested(2), null], c: "x" })).toBe(true);
  });

  it("can be asked of a value of any depth", () => {
    expect(isDeeperThan(32, nested(200_000))).toBe(true);
  });
});

describe("canonical JSON", () => {
  it("is equal whatever the order of the members", () => {
    expect(canonicalJson({ b: { d: 1, c: [null, true] }, a: "x" })).toBe('{"a":"x","b":{"c":[null,true],"d":1}}');
  });

  it("keeps the order of a list", () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });

  it("writes texts as it is told to, but not the names of members", () => {
    expect(canonicalJson({ abc: ["abc"] }, (text) => text.toUpperCase())).toBe('{"abc":["ABC"]}');
  });
});
