import type { Json } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTolerant } from "../../../../packages/receive/src/decode/tolerant.ts";
import { anyJson } from "../../../support/arbitraries.ts";
import { jpeg } from "../../../support/pictures.ts";
import { pythonRepr } from "../../../support/wrappings.ts";

const read = (text: string) => {
  const result = readTolerant(text);
  return "value" in result ? result.value : result.unreadable;
};

describe("nearly JSON", () => {
  it.each<[string, Json]>([
    ["{'a': True, 'b': False, 'c': None}", { a: true, b: false, c: null }],
    ['{"a": NaN, "b": -Infinity, "c": inf}', { a: "NaN", b: "-Infinity", c: "inf" }],
    ["{a: 1, $b_2: 2, 姓名: 3, 4: 5}", { a: 1, $b_2: 2, 姓名: 3, "4": 5 }],
    ['{"a": 1，"b"： "x，y"}', { a: 1, b: "x，y" }],
    ['{"a": "x" "b": 2 "c": {} "d": [1 2]}', { a: "x", b: 2, c: {}, d: [1, 2] }],
    ['{"a": [1, 2,], }', { a: [1, 2] }],
    ['{"a": 1,, "b": [,1]}', { a: 1, b: [1] }],
    ['{"a": 1} // 性别', { a: 1 }],
    ['/* a */{"a": "/* b */ // c"/**/}', { a: "/* b */ // c" }],
    ["{addTime: 1594111791, type: 4,…}", { addTime: 1594111791, type: 4 }],
    ['{"a": …, ..., "b": [...]}', { a: "…", b: [] }],
    ["(1, (2,), ())", [1, [2], []]],
    ["[+1, 1., .5, -.5e1, 007, -07, 5L, 1e3]", [1, 1, 0.5, -5, "007", "-07", 5, 1000]],
    ["[12345678901234567890]", ["12345678901234567890"]],
    ["[u'a', U\"b\", b'c', r'd\\n', br'e\\n']", ["a", "b", "c", "d\\n", "e\\n"]],
    ["[TRUE, none, Null, undefined]", [true, null, null, null]],
    ['["a\nb", \'a"b\', "a\'b"]', ["a\nb", 'a"b', "a'b"]],
    ["['\\'', '\\\\', '\\x41', '\\u5c0f', '\\U0001F600', '\\U00110000']", ["'", "\\", "A", "小", "😀", "\uFFFD"]],
    ["['\\n\\r\\t\\b\\f\\v\\a\\0', 'a\\\nb', 'a\\\r\nb', '\\q']", ["\n\r\t\b\f\v\u0007\0", "ab", "ab", "q"]],
    ["['\\/9j\\/']", ["/9j/"]],
    ["['\\x4z', '\\uzzzz', '\\U0001F60']", ["x4z", "uzzzz", "U0001F60"]],
    ["{'a': 1, 'a': 2}", { a: 2 }],
    ["{__proto__: {'a': 1}}", JSON.parse('{"__proto__":{"a":1}}')],
    ["\u00a0[\u30001]", [1]],
  ])("%s is read", (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it("keeps Python's bytes, a picture as base64", () => {
    const bytes = (data: Buffer) =>
      `b'${[...data].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`;
    expect(read(`[${bytes(jpeg("a"))}, ${bytes(Buffer.from("小明"))}]`)).toEqual([
      jpeg("a").toString("base64"),
      "小明",
    ]);
  });

  it("is flagged, also for a key that is there twice", () => {
    expect(readTolerant("{'a': 1}")).toEqual({ value: { a: 1 }, flags: ["tolerant-parse"] });
    expect(readTolerant("{'a': 1, 'a': 2}")).toMatchObject({ flags: ["tolerant-parse", "duplicate-keys"] });
  });

  it("is any value written by Python's str", () => {
    const isSaid = (text: string) => !/Infinity|NaN|-0/.test(text) && !/(?<!")\d{16,}/.test(text);
    fc.assert(
      fc.property(
        anyJson.filter((value) => isSaid(JSON.stringify(value))),
        (value) => {
          expect(read(pythonRepr(value))).toEqual(value);
        },
      ),
    );
  });
});

describe("a torn or foreign text", () => {
  it.each([
    "",
    "{",
    "{'a': 1",
    "{'a': 'x",
    "{'a': 'x\\'}",
    "{'a':}",
    "{'a' 1}",
    "{: 1}",
    "{1}",
    "[1}",
    "}",
    "{'a': hello}",
    "hello world",
    "{'a': 1} {'b': 2}",
    "{'a': 1 /* }",
    "{'a': 1/2}",
    "[1, 2",
    "[datetime.date(2020)]",
    "{'it's': 1}",
    "{'name': 'O'Brien'}",
    '{"identity_id": "3303',
    '{"a": -}',
    '{"a": 0x1F}',
    '{"a": 1.2.3}',
    '{"a": 2026-11-05}',
    '{"a": "b" + "c"}',
    'callback({"a": 1})',
  ])("%j is not read", (text) => {
    expect(read(text)).toBe("not-json");
  });

  it("is not read to any end: every beginning of a text is torn", () => {
    const text = pythonRepr({ a: ["x'y", { b: true, c: null }], "d e": -1.5, f: "\\" });
    const beginnings = Array.from({ length: text.length - 1 }, (_, length) => read(text.slice(0, length)));
    expect(new Set(beginnings)).toEqual(new Set(["not-json"]));
  });

  it("has a word that is longer than any number", () => {
    expect(read(`{'a': 0.${"1".repeat(398)}}`)).toEqual({ a: Number(`0.${"1".repeat(398)}`) });
    expect(read(`{'a': 0.${"1".repeat(399)}}`)).toBe("not-json");
  });

  it("has a name without quotes that is longer than any", () => {
    expect(read(`{${"n".repeat(1024)}: 1}`)).toEqual({ ["n".repeat(1024)]: 1 });
    expect(read(`{${"n".repeat(1025)}: 1}`)).toBe("not-json");
  });

  it("has too many levels", () => {
    expect(read(`${"(".repeat(1_001)}${")".repeat(1_001)}`)).toBe("not-json");
  });
});
