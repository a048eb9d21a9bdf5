import type { Json } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { decode } from "../../packages/ingest/src/decode.ts";

const decoded = (body: string | Buffer) => decode(Buffer.from(body));

function partsOf(body: string | Buffer): { value: Json; source: string }[] {
  const result = decoded(body);
  if ("unreadable" in result) throw new Error(result.unreadable);
  return result.parts.map((part) => ({ value: part.value, source: Buffer.from(part.source()).toString() }));
}

describe("a body", () => {
  it("is one value, kept as it was sent", () => {
    expect(partsOf(' {"a": 1}\n')).toEqual([{ value: { a: 1 }, source: ' {"a": 1}\n' }]);
  });

  it("may begin with a byte order mark", () => {
    expect(partsOf('\uFEFF{"a":1}')).toEqual([{ value: { a: 1 }, source: '\uFEFF{"a":1}' }]);
  });

  it.each([
    ["that is empty", "", "empty-body"],
    ["of blanks", "  \n", "not-json"],
    ["of a byte order mark alone", "\uFEFF", "not-json"],
    ["that is torn", '{"a":', "not-json"],
    ["as printed, with a full-width comma", '{"a":1，"b":2}', "not-json"],
    ["in the words of Python", "{'a': True}", "not-json"],
    ["that is form data", "a=1&b=2", "not-json"],
    ["that is not UTF-8", Buffer.from([0x22, 0xff, 0x22]), "not-utf-8"],
    ["in UTF-16", Buffer.from('\uFEFF{"a":1}', "utf16le"), "not-utf-8"],
    ["of an empty list", "[]", "empty-list"],
    ["of an empty batch", '{"events":[]}', "empty-list"],
  ])("%s is unreadable", (_, body, unreadable) => {
    expect(decoded(body)).toEqual({ unreadable });
  });
});

describe("a batch", () => {
  it.each([
    ["a list", '[{"a":1}, 2]'],
    ["events", '{"events":[{"a":1}, 2]}'],
    ["data", '{"data":[{"a":1}, 2],"pagination":{}}'],
    ["records", '{"records":[{"a":1}, 2]}'],
  ])("of %s is each of its items, kept by itself", (_, body) => {
    expect(partsOf(body)).toEqual([
      { value: { a: 1 }, source: '{"a":1}' },
      { value: 2, source: "2" },
    ]);
  });

  it("is no report with a list in it", () => {
    expect(partsOf('{"identity_id":"1","data":[1,2]}')).toHaveLength(1);
  });

  it("is no object whose data is none", () => {
    expect(partsOf('{"data":{"a":[1]}}')).toHaveLength(1);
  });

  it("is not found within a batch", () => {
    expect(partsOf("[[1,2],[3]]").map(({ source }) => source)).toEqual(["[1,2]", "[3]"]);
  });

  it("keeps members of any name", () => {
    expect(partsOf('[{"__proto__":{"a":1},"constructor":2}]')[0]?.source).toBe('{"__proto__":{"a":1},"constructor":2}');
  });

  it("keeps an item of a thousand levels by itself", () => {
    const deep = `${"[".repeat(999)}${"]".repeat(999)}`;
    expect(partsOf(`[${deep},1]`).map(({ source }) => source)).toEqual([deep, "1"]);
  });

  it("is unreadable whole where an item is too deep to be written again", () => {
    expect(decoded(`[${"[".repeat(1_000)}${"]".repeat(1_000)},1]`)).toEqual({ unreadable: "nested-too-deep" });
    expect(decoded(`[${"[".repeat(100_000)}${"]".repeat(100_000)},1]`)).toEqual({ unreadable: "nested-too-deep" });
  });
});
