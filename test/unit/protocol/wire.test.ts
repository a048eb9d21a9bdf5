import { describe, expect, it } from "vitest";
import { dict, moment, number, numbers, text, truth } from "../../../packages/protocol/src/wire.ts";

describe("a text", () => {
  it.each([
    ["a text", "1001", "1001"],
    ["a number", 1001, "1001"],
    ["a float", 0.5, "0.5"],
    ["a boolean", false, "false"],
    ["a text with half of a surrogate pair", "a\ud83db😀", "a\ufffdb😀"],
    ["an empty text", "", undefined],
    ["null", null, undefined],
    ["nothing", undefined, undefined],
  ])("is read from %s", (_, sent, read) => {
    expect(text().parse(sent)).toBe(read);
  });

  it.each([[[]], [{}], [Number.POSITIVE_INFINITY]])("is not read from %j", (sent) => {
    expect(text().safeParse(sent).success).toBe(false);
  });
});

describe("a number", () => {
  it.each([
    ["0.87", 0.87],
    [" -1.5e3 ", -1500],
    [".5", 0.5],
    ["7.", 7],
    [82, 82],
    [0, 0],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("is read from %j", (sent, read) => {
    expect(number().parse(sent)).toBe(read);
  });

  it.each(["high", "0x10", "1e999", "-1e999", "1,5", "NaN", true, [1], {}, Number.POSITIVE_INFINITY])(
    "is not read from %j",
    (sent) => {
      expect(number().safeParse(sent).success).toBe(false);
    },
  );
});

describe("a yes or no", () => {
  it.each([
    [true, true],
    [1, true],
    ["True", true],
    ["1", true],
    [false, false],
    [0, false],
    ["FALSE", false],
    [" no\n", false],
    ["0.00", false],
    ["Y", true],
    ["1.", true],
    [" ", undefined],
    ["0", false],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("is read from %j", (sent, read) => {
    expect(truth(sent)).toBe(read);
  });

  it.each(["perhaps", "truth", "10", "0.1", 2, [], {}])("is not read from %j", (sent) => {
    expect(truth(sent)).toBeNull();
  });
});

it("reads a moment from any value, and null from an invalid time", () => {
  expect(moment().parse("1565771454")).toBe(1565771454000);
  expect(moment().parse({})).toBeUndefined();
});

it("takes an object as a dict, but no list", () => {
  expect(dict().parse({ a: [1] })).toEqual({ a: [1] });
  expect(dict().safeParse([]).success).toBe(false);
});

it("takes a list of numbers only if all are numbers", () => {
  expect(numbers().parse([1, 2.5])).toEqual([1, 2.5]);
  expect(numbers().safeParse([1, "2"]).success).toBe(false);
});
