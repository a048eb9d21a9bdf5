import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  countMembers,
  excess,
  isObject,
  type Json,
  writeCanonical,
} from "../../../packages/protocol/src/json.ts";

function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

it("calls a value with members an object, but no list, null or text", () => {
  expect([{}, [], null, "a", 1].map(isObject)).toEqual([true, false, false, false, false]);
});

describe("the bounds of a value", () => {
  const depth = (most: number, value: Json) => excess(value, { nesting: most, values: 1_000_000 });

  it("count levels of lists and objects alike", () => {
    expect(depth(4, nested(4))).toBeNull();
    expect(depth(4, nested(5))).toBe("nested-too-deep");
  });

  it("count an empty list as a level", () => {
    expect(depth(1, [[]])).toBe("nested-too-deep");
  });

  it("count to the deepest member, wherever it is", () => {
    expect(depth(3, { a: 1, b: [1, nested(2), null], c: "x" })).toBe("nested-too-deep");
  });

  it("can be asked of a value of any depth", () => {
    expect(depth(32, nested(200_000))).toBe("nested-too-deep");
  });

  it("count members and elements, wherever they are", () => {
    expect(excess({ a: [1, 2], b: 3 }, { nesting: 9, values: 4 })).toBeNull();
    expect(excess({ a: [1, 2], b: 3 }, { nesting: 9, values: 3 })).toBe("too-many-values");
  });

  it("are kept by a value without members", () => {
    expect(excess("a", { nesting: 0, values: 0 })).toBeNull();
    expect(excess(null, { nesting: 0, values: 0 })).toBeNull();
  });
});

it("counts the members of all objects, and no elements", () => {
  expect(countMembers({ a: [1, { b: null }, [{ c: {} }]], d: "x" })).toBe(4);
  expect(countMembers([1, 2])).toBe(0);
  expect(countMembers("abc")).toBe(0);
});

describe("canonical JSON", () => {
  it("is equal for any order of the members", () => {
    expect(canonicalJson({ b: { d: 1, c: [null, true] }, a: "x" })).toBe('{"a":"x","b":{"c":[null,true],"d":1}}');
  });

  it("keeps the order of a list", () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });

  it("writes texts as it is told to, but not the names of members", () => {
    const pieces: string[] = [];
    writeCanonical({ abc: ["abc"] }, { write: (piece) => pieces.push(piece), textOf: (text) => text.toUpperCase() });
    expect(pieces.join("")).toBe('{"abc":["ABC"]}');
  });

  it.each([
    ["base64", "AAAA"],
    ["quotes", 'a"b"'],
    ["backslashes", "a\\b"],
    ["Chinese", "北门北门"],
    ["half a character", "a\ud83d"],
    ["line breaks", "AAA\n"],
  ])("writes long texts of %s as JSON.stringify does", (_, piece) => {
    const text = piece.repeat(5000);
    expect(canonicalJson([text, { [text]: text }])).toBe(JSON.stringify([text, { [text]: text }]));
  });
});
