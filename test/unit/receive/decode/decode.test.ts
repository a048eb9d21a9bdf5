import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { Room } from "@gatepost/core/room";
import type { Json } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { Body, openBody } from "../../../../packages/receive/src/decode/body.ts";
import { decode } from "../../../../packages/receive/src/decode/decode.ts";
import { jpeg } from "../../../support/pictures.ts";

const decoded = (body: string | Buffer, headers: Record<string, string> = {}) =>
  decode(new Body(Buffer.from(body)), headers);

/** The value of a body that may be packed. */
const opened = async (sent: Buffer, headers: Record<string, string> = {}) => {
  const body = await openBody(new Body(sent), headers["content-encoding"], new Room(512 * 1024 * 1024).hold());
  return "unreadable" in body ? body : decode(body, headers);
};

interface Summary {
  value?: Json;
  unreadable?: string;
  flags: readonly string[];
  source: string;
  isOfBatch: boolean;
}

function partsOf(body: string | Buffer | Body, headers: Record<string, string> = {}): Summary[] {
  const result = decode(body instanceof Body ? body : new Body(Buffer.from(body)), headers);
  if ("unreadable" in result) throw new Error(result.unreadable);
  return result.parts.map(({ read, source, isOfBatch }) => ({
    flags: [],
    ...read,
    source: Buffer.from(source()).toString(),
    isOfBatch,
  }));
}

const valuesOf = (body: string | Buffer, headers?: Record<string, string>) =>
  partsOf(body, headers).map(({ value, unreadable }) => value ?? unreadable);

describe("a body", () => {
  it("is one value, kept as it was sent", () => {
    expect(partsOf(' {"a": 1}\n')).toEqual([{ value: { a: 1 }, flags: [], source: ' {"a": 1}\n', isOfBatch: false }]);
  });

  it("is read and kept the same if it is received as text", () => {
    expect(partsOf(new Body('\uFEFF{"a":"小"}'))).toEqual([
      { value: { a: "小" }, flags: [], source: '\uFEFF{"a":"小"}', isOfBatch: false },
    ]);
  });

  it("is read as a form in parts if its text is one", () => {
    const text = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--';
    expect(partsOf(new Body(text))).toMatchObject([{ value: { a: "1" }, source: text }]);
  });

  it.each([
    ["zeros behind it", '{"a":1}\n\0\0\0\n'],
    ["zeros around it", '\0\0{"a":1}\0'],
    ["a second byte order mark", '\uFEFF\uFEFF{"a":1}'],
    ["a byte order mark behind it", '{"a":1}\uFEFF'],
  ])("is read and flagged with %s", (_, text) => {
    expect(partsOf(text)).toEqual([{ value: { a: 1 }, flags: ["tolerant-parse"], source: text, isOfBatch: false }]);
    expect(partsOf(new Body(text))).toMatchObject([{ value: { a: 1 }, flags: ["tolerant-parse"] }]);
  });

  it("has a flag for each padded line", () => {
    expect(partsOf('{"a":1}\n{"a":2}\0\0').map(({ value, flags }) => [value, flags])).toEqual([
      [{ a: 1 }, ["tolerant-parse"]],
      [{ a: 2 }, ["tolerant-parse"]],
    ]);
  });

  it("is flagged if it is in another charset than declared", () => {
    const gbk = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0xf7]), Buffer.from('"}')]);
    const big5 = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xa4, 0x70]), Buffer.from('"}')]);
    expect(partsOf(gbk)).toMatchObject([{ value: { a: "明" }, flags: ["charset"] }]);
    expect(partsOf(gbk, { "content-type": "application/json; charset=gbk" })).toMatchObject([{ flags: [] }]);
    expect(partsOf(big5, { "content-type": "application/json; charset=Big5" })).toMatchObject([
      { value: { a: "小" }, flags: [] },
    ]);
  });

  it("is flagged if characters were lost before it was sent, as text and as bytes", () => {
    const long = `{"a":"\uFFFD","b":"${"A".repeat(100_000)}"}`;
    for (const body of ['{"a":"\uFFFD"}', long, new Body(long)])
      expect(partsOf(body)).toMatchObject([{ flags: ["charset"] }]);
    expect(partsOf(new Body('{"a":"\uFFFD"}'))).toMatchObject([{ value: { a: "\uFFFD" }, flags: ["charset"] }]);
  });

  const asText = (text: string, charset = "") =>
    decode(new Body(text), { "content-type": `application/json${charset && `; charset=${charset}`}` });
  const spoilt = { flags: ["charset"] };

  it.each([
    ["that lost something", '{"a":"\uFFFD"}', "", ["\uFFFD"]],
    ["that was to be GBK", '{"a":"明"}', "GBK", ["明"]],
    ["that was to be UTF-16", '{"a":"明"}', "utf-16", ["明"]],
    ["in a charset that nobody knows", '{"a":"明"}', "klingon", ["明"]],
    ["of several, one of which lost something", '[{"a":"1"},{"a":"\uFFFD"}]', "", ["1", "\uFFFD"]],
    ["of lines", '{"a":"1"}\n{"a":"\uFFFD"}', "", ["1", "\uFFFD"]],
    // 許 is 0xB3 0x5C in Big5, and 0x5C is a backslash.
    ["that lost the first byte of a character that ends in a backslash", '{"a":"\uFFFD\\"}', "", ["\uFFFD"]],
    ["that lost the first byte before an escape", '{"a":"\uFFFD\\n"}', "", ["\uFFFD\n"]],
  ])("received as a text %s is read, flagged and kept as well", (_, text, charset, values) => {
    const parts = values.map((a) => ({ read: { value: { a }, ...spoilt }, keep: "charset" }));
    expect(asText(text, charset)).toMatchObject({ parts });
  });

  it.each([
    ["ASCII", '{"a":"b"}', "GBK"],
    ["ASCII behind a mark", '\uFEFF{"a":"b"}', "GBK"],
    ["UTF-8", '{"a":"明"}', "utf-8"],
    ["UTF-8 that nothing tells of", '{"a":"明"}', ""],
  ])("received as a text of %s lost nothing", (_, text, charset) => {
    const read = asText(text, charset);
    expect(read).toMatchObject({ parts: [{ read: { flags: [] } }] });
    expect("parts" in read && read.parts[0]).not.toHaveProperty("keep");
  });

  it.each([
    ["little end first", (text: string) => Buffer.from(text, "utf16le")],
    ["big end first", (text: string) => Buffer.from(text, "utf16le").swap16()],
  ])("is read from text if it is ASCII in UTF-16, %s", (_, wide) => {
    expect(asText(wide('{"a":"b"}').toString())).toMatchObject({ parts: [{ read: { value: { a: "b" }, flags: [] } }] });
    expect(asText(wide('{"a":"王"}').toString())).toMatchObject({ parts: [{ read: spoilt, keep: "charset" }] });
  });

  it("is unreadable for its charset if it is UTF-16 text without some bytes", () => {
    expect(asText(Buffer.from('{"a":"\ud800王\u4e80"}', "utf16le").toString())).toEqual({ unreadable: "charset" });
  });

  it("is unreadable for its charset if it is a text that lost characters", () => {
    expect(asText("\uFFFD\uFFFD{\0")).toEqual({ unreadable: "charset" });
    expect(asText('{"a":"\uFFFD')).toEqual({ unreadable: "charset" });
    expect(asText(`${"[".repeat(2000)}"\uFFFD"`)).toEqual({ unreadable: "nested-too-deep" });
  });

  it("keeps its first reason if it is also kept for its charset", () => {
    const event = { identity_id: "1", timestamp: 1, person_type: 1, recognize_face: "\uFFFD" };
    expect(asText(JSON.stringify({ want_action: "1001", body: event }))).toMatchObject({
      parts: [{ keep: "unwrapped" }],
    });
  });

  it("is flagged if it is a form in a guessed charset", () => {
    expect(partsOf("a=%C3%F7&b=1")).toMatchObject([{ value: { a: "明", b: "1" }, flags: ["charset"] }]);
    expect(partsOf('data={"a":"%C3%F7"}')).toMatchObject([{ value: { a: "明" }, flags: ["charset"] }]);
  });

  it("is read with tolerance in Python's words", () => {
    expect(partsOf("{'a': True}")).toMatchObject([{ value: { a: true }, flags: ["tolerant-parse"] }]);
  });

  it("is an object if it is a form of several fields", () => {
    expect(valuesOf("a=1&ext_data={}")).toEqual([{ a: "1", ext_data: {} }]);
  });

  it("is kept packed as it was sent", async () => {
    const packed = gzipSync('{"a":1}');
    const result = await opened(packed, { "content-encoding": "gzip" });
    const [part] = "parts" in result ? result.parts : [];
    expect(part?.read).toEqual({ value: { a: 1 }, flags: [] });
    expect(part?.source()).toEqual(packed);
  });

  it.each([
    ["that is empty", "", "empty-body"],
    ["of blanks", "  \n", "not-json"],
    ["of a byte order mark alone", "\uFEFF", "empty-body"],
    ["that is torn", '{"a":', "not-json"],
    ["that is torn, in the words of Python", "{'a': True, 'b': 'x", "not-json"],
    ["of lines that speak of events and are none", '! {"identity_id":"7","timestamp":1}\n'.repeat(2), "not-json"],
    ["that is torn behind a comma", "{'a': True,", "not-json"],
    ["in no charset", Buffer.from([0x22, 0xff, 0x22]), "unknown-charset"],
    ["that is a JPEG alone", jpeg("alone"), "picture-alone"],
    ["that is a PNG alone", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), "picture-alone"],
    ["of an empty list", "[]", "empty-list"],
    ["of an empty batch", '{"events":[]}', "empty-list"],
    ["of a form that is torn", '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n', "torn-form"],
    ["of a form without fields", "--x\n\nx\n--x--", "empty-form"],
    ["of a form of too many parts", `--x${"\nContent-Length: 9\n\n--x".repeat(100_000)}`, "too-many-fields"],
    ["with levels beyond number", "[".repeat(1_000_000), "nested-too-deep"],
    ["of more reports than a body may have", `[${"0,".repeat(10_000)}0]`, "too-many-reports"],
    ["of more lines than a body may have", "{}\n".repeat(10_001), "too-many-reports"],
    ["of so many lines that the others are not looked at", "{}\n".repeat(30_002), "too-many-reports"],
    [
      "of more names than a report may have",
      `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":0`)}}`,
      "too-many-values",
    ],
  ])("%s is unreadable", (_, body, unreadable) => {
    expect(decoded(body)).toEqual({ unreadable });
  });

  it("throws a bug instead of reporting it as unreadable", () => {
    const headers = new Proxy({}, { get: () => assert.fail("a bug") });
    expect(() => decoded("{}", headers)).toThrow("a bug");
  });

  it("is unreadable if it unpacks to more than 64 MB", async () => {
    expect(await opened(gzipSync(Buffer.alloc(65 * 1024 * 1024, "x"), { level: 0 }))).toMatchObject({
      unreadable: "unpacks-too-large",
    });
  });
});

describe("a batch", () => {
  it.each([
    ["a list", '[{"a":1}, 2]'],
    ["events", '{"events":[{"a":1}, 2]}'],
    ["data", '{"data":[{"a":1}, 2],"pagination":{}}'],
    ["records", '{"records":[{"a":1}, 2]}'],
  ])("is each item of %s, kept by itself", (_, body) => {
    expect(partsOf(body)).toEqual([
      { value: { a: 1 }, flags: [], source: '{"a":1}', isOfBatch: true },
      { value: 2, flags: [], source: "2", isOfBatch: true },
    ]);
  });

  it("is each of its lines, also unreadable ones", () => {
    expect(partsOf('{"a":1}\r\n\n{"a":\n{\'b\': None}\n')).toEqual([
      { value: { a: 1 }, flags: [], source: '{"a":1}\r', isOfBatch: true },
      { unreadable: "not-json", flags: [], source: '{"a":', isOfBatch: true },
      { value: { b: null }, flags: ["tolerant-parse"], source: "{'b': None}", isOfBatch: true },
    ]);
  });

  it("is not read from lines if the first line is not an object", () => {
    expect(decoded('1\n{"a":1}')).toEqual({ unreadable: "not-json" });
  });

  it("is read from the contents of JSON strings", () => {
    expect(valuesOf('["{\\"a\\":1}", "{", "x"]')).toEqual([{ a: 1 }, "{", "x"]);
  });

  it("is not a report that contains a list", () => {
    expect(partsOf('{"identity_id":"1","data":[1,2]}')).toHaveLength(1);
  });

  it("is not an object whose data is no list", () => {
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

  it("is unreadable as a whole if an item is too deep to be written again", () => {
    expect(decoded(`[${"[".repeat(1_000)}${"]".repeat(1_000)},1]`)).toEqual({ unreadable: "nested-too-deep" });
    expect(decoded(`[${"[".repeat(100_000)}${"]".repeat(100_000)},1]`)).toEqual({ unreadable: "nested-too-deep" });
  });

  it("flags each of its reports for a duplicate key, which may belong to any", () => {
    expect(partsOf('[{"a":1,"a":2},{"b":1}]').map(({ value, flags }) => [value, flags])).toEqual([
      [{ a: 2 }, ["duplicate-keys"]],
      [{ b: 1 }, ["duplicate-keys"]],
    ]);
  });
});

describe("a nested value", () => {
  it("is read from a text if an object is expected", () => {
    expect(
      valuesOf('{"identity_name":"{}","ext_data":"{\\"info\\":\\"{\\\\\\"box\\\\\\":\\\\\\"[1]\\\\\\"}\\"}"}'),
    ).toEqual([{ identity_name: "{}", ext_data: { info: { box: [1] } } }]);
  });

  it("is read from Python's words, and flagged", () => {
    expect(partsOf(`{"ext_data":"{'person_type': 4}"}`)).toMatchObject([
      { value: { ext_data: { person_type: 4 } }, flags: ["tolerant-parse"] },
    ]);
  });

  it.each(["", "x", "{", "4", '"{}"', `${"[".repeat(33)}${"]".repeat(33)}`])("stays the text %j", (text) => {
    expect(valuesOf(JSON.stringify({ ext_data: text }))).toEqual([{ ext_data: text }]);
  });

  it("is found in every report of a batch", () => {
    expect(valuesOf('[{"ep_info":"{}"}]')).toEqual([{ ep_info: {} }]);
    expect(valuesOf('{"ep_info":"{}"}\n{"ep_info":"{}"}')).toEqual([{ ep_info: {} }, { ep_info: {} }]);
  });

  it("is not searched for in inherited members", () => {
    expect(valuesOf('{"__proto__":{"ext_data":"{}"}}')).toEqual([JSON.parse('{"__proto__":{"ext_data":"{}"}}')]);
  });
});

describe("JSON in a JSON string", () => {
  const within = (text: string, layers: number): string =>
    layers === 0 ? text : JSON.stringify(within(text, layers - 1));

  it("is read through three layers", () => {
    expect(valuesOf(within('{"a":1}', 3))).toEqual([{ a: 1 }]);
    expect(valuesOf(within('{"a":1}', 4))).toEqual(['{"a":1}']);
  });

  it("stays a text if it contains nothing else", () => {
    expect(valuesOf('"hello"')).toEqual(["hello"]);
    expect(valuesOf('""')).toEqual([""]);
  });

  it("may contain a batch", () => {
    expect(valuesOf(JSON.stringify('{"a":1}\n{"a":2}'))).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
