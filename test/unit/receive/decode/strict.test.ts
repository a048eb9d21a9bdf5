import { describe, expect, it } from "vitest";
import { readStrict } from "../../../../packages/receive/src/decode/json.ts";
import { BodyReading, maxValues, readWithin } from "../../../../packages/receive/src/decode/limits.ts";

const readStrictWithin = (budget: BodyReading, text: string) => readWithin(budget, () => readStrict(text));

describe("strict JSON", () => {
  it.each([
    ['{"a":[1,-2.5e3,true,null,"x"]}', { a: [1, -2500, true, null, "x"] }],
    ["1571890954932", 1571890954932],
    ['"\\"[{:\\\\"', '"[{:\\'],
  ])("%s is read", (text, value) => {
    expect(readStrict(text)).toEqual({ value, flags: [] });
  });

  it.each(["", "{", '"', '{"a":1,}', "{'a':1}", "NaN", '{"a":"\n"}'])("%j is refused", (text) => {
    expect(readStrict(text)).toEqual({ unreadable: "not-json" });
  });
});

describe("a duplicate key", () => {
  it.each(['{"a":1,"a":2}', '{"b":[{"c":1},{"a":1,"a":2}]}', '{"a":{},"\\u0061":{}}'])("is flagged in %s", (text) => {
    expect(readStrict(text)).toMatchObject({ flags: ["duplicate-keys"] });
  });

  it("has the last value", () => {
    expect(readStrict('{"a":1,"a":2}')).toMatchObject({ value: { a: 2 } });
  });

  it.each(['{"a":"b:c","d:e":{"f":":"}}', '{"a":1,"b":{"a":1}}', '[{"a":1},{"a":1}]', '{"a\\"":"\\\\","\\\\":1}'])(
    "is not found in %s",
    (text) => {
      expect(readStrict(text)).toMatchObject({ flags: [] });
    },
  );
});

describe("an integer", () => {
  it.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", "9007199254740992"],
    ["9007199254740993", "9007199254740993"],
    ["-12345678901234567890", "-12345678901234567890"],
    ["1602612036382853", 1602612036382853],
  ])("%s is %j", (text, value) => {
    expect(readStrict(text)).toMatchObject({ value });
    expect(readStrict(`{"a":[${text}]}`)).toMatchObject({ value: { a: [value] } });
    expect(readStrict(`[${text} , "x"]`)).toMatchObject({ value: [value, "x"] });
  });

  it.each(["0.62316143512725830001", "12345678901234567890.5", "1e20", "12345678901234567890e1", "1e999"])(
    "is not %s",
    (text) => {
      expect(readStrict(text)).toMatchObject({ value: Number(text) });
      expect(readStrict(`[12345678901234567890,${text}]`)).toMatchObject({
        value: ["12345678901234567890", Number(text)],
      });
    },
  );

  it("keeps its digits beside texts of digits", () => {
    expect(readStrict('{"12345678901234567890":"12345678901234567890"}')).toEqual({
      value: { "12345678901234567890": "12345678901234567890" },
      flags: [],
    });
  });
});

describe("levels", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

  it("are a thousand at most, not counting brackets in strings", () => {
    expect(readStrict(nested(1000))).toHaveProperty("value");
    expect(readStrict(nested(1001))).toEqual({ unreadable: "nested-too-deep" });
    expect(readStrict(JSON.stringify([nested(2000)]))).toHaveProperty("value");
  });

  it("are counted one within another", () => {
    expect(readStrict(`[${"[],".repeat(2000)}{}]`)).toHaveProperty("value");
  });

  it("may be fewer", () => {
    expect(readStrict(nested(3), 2)).toEqual({ unreadable: "nested-too-deep" });
  });
});

describe("too many values", () => {
  it.each([
    ["elements", `[${"0,".repeat(9)}0]`, `[${"0,".repeat(10)}0]`],
    ["members", '{"a":{"b":{"c":[{},[ ]]}},"d":[1,2,3,4]}', '{"a":{"b":{"c":[{},[ ]]}},"d":[1,2,3,4,5]}'],
    ["integers that no double holds", `[${"12345678901234567,".repeat(9)}1]`, "12345678901234567 ".repeat(11)],
  ])("are more %s than the limit, and are not parsed", (_, allowed, beyond) => {
    const budget = new BodyReading();
    budget.take(maxValues - 10);
    expect(() => readStrictWithin(budget, beyond)).toThrow("too-many-values");
    expect(readStrictWithin(budget, allowed)).toHaveProperty("value");
    expect(() => readStrictWithin(budget, "[1]")).toThrow("too-many-values");
  });

  it("are more names than a report may have, however many objects they are in", () => {
    const objects = (names: number) =>
      JSON.stringify(Array.from({ length: names }, (_, i) => ({ [`k${i}`]: 0, same: 1 })));
    expect(readStrict(objects(19_000))).toHaveProperty("value");
    expect(() => readStrict(objects(45_000))).toThrow("too-many-values");
  });

  it("do not include values of a text that is not JSON", () => {
    const budget = new BodyReading();
    expect(readStrictWithin(budget, "[1,2,")).toEqual({ unreadable: "not-json" });
    expect(budget.left).toBe(maxValues);
  });
});

describe("an invalid integer", () => {
  it.each([
    "[00000000000000001]",
    "{12345678901234567:1}",
    '{"a":1, 12345678901234567 :1}',
    "[1 12345678901234567]",
    "[--12345678901234567]",
  ])("makes %s invalid JSON", (text) => {
    expect(readStrict(text)).toEqual({ unreadable: "not-json" });
  });

  it("is a number if a double can represent it; otherwise its sign is kept", () => {
    expect(readStrict("[9007199254740991,-9007199254740993,12345678901234567e1]")).toMatchObject({
      value: [9_007_199_254_740_991, "-9007199254740993", Number("12345678901234567e1")],
    });
  });
});
