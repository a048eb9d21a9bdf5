import type { Json } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { Body } from "../../../../packages/receive/src/decode/body.ts";
import {
  objectOf,
  readMultipart,
  readUrlencoded,
  readUrlencodedBytes,
} from "../../../../packages/receive/src/decode/form.ts";
import { readBody, readText } from "../../../../packages/receive/src/decode/read.ts";
import { jpeg, photo, png } from "../../../support/pictures.ts";
import { multipartOf } from "../../../support/wrappings.ts";

describe("the object behind fields", () => {
  it.each<[string, [string, string][], Json]>([
    [
      "of plain names",
      [
        ["a", "1"],
        ["b", ""],
      ],
      { a: "1", b: "" },
    ],
    [
      "of bracketed names",
      [
        ["a[b][c]", "1"],
        ["a[d]", "2"],
      ],
      { a: { b: { c: "1" }, d: "2" } },
    ],
    ["of dotted names", [["a.b", "1"]], { a: { b: "1" } }],
    [
      "of lists",
      [
        ["a[]", "1"],
        ["b[c][]", "2"],
        ["b[c][]", "3"],
      ],
      { a: ["1"], b: { c: ["2", "3"] } },
    ],
    [
      "of names that are repeated with equal values",
      [
        ["want_action", "1002"],
        ["want_action", "1002"],
        ["a[b]", "None"],
        ["a[b]", "null"],
        ["c[]", "1"],
        ["c[]", "1"],
      ],
      { want_action: "1002", a: { b: null }, c: ["1", "1"] },
    ],
    [
      "of names that are repeated",
      [
        ["a", "1"],
        ["a", "2"],
      ],
      { a: ["1", "2"] },
    ],
    [
      "without values",
      [
        ["a", "None"],
        ["b", "null"],
      ],
      { a: null, b: null },
    ],
    [
      "without names",
      [
        ["", "1"],
        ["[]", "2"],
      ],
      { "": "1", "[]": ["2"] },
    ],
    [
      "of any name",
      [
        ["__proto__[a]", "1"],
        ["constructor", "2"],
      ],
      JSON.parse('{"__proto__":{"a":"1"},"constructor":"2"}'),
    ],
    ["of more brackets than anyone sends", [[`a${"[b]".repeat(8)}`, "1"]], { [`a${"[b]".repeat(8)}`]: "1" }],
    [
      "of text that gives way to members",
      [
        ["a", "1"],
        ["a[b]", "2"],
      ],
      { a: { b: "2" } },
    ],
  ])("%s is made", (_, fields, value) => {
    expect(objectOf(fields)).toEqual(value);
  });
});

describe("an urlencoded form", () => {
  it.each<[string, [string, string][]]>([
    [
      "a=1&b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      " a=x+y%2Bz&&b&c==\n",
      [
        ["a", "x y+z"],
        ["b", ""],
        ["c", "="],
      ],
    ],
    ["identity_name=%E5%B0%8F%E6%98%8E", [["identity_name", "小明"]]],
    ["ext_data%5Ba%5D=1", [["ext_data[a]", "1"]]],
    [
      "a=%zz&b=小%20明",
      [
        ["a", "%zz"],
        ["b", "小 明"],
      ],
    ],
  ])("%j is read", (text, fields) => {
    expect(readUrlencoded(text, "")).toEqual(fields);
  });

  it("is read in the charset that was declared", () => {
    expect(readUrlencoded("a=%D0%A1%C3%F7", "gbk")).toEqual([["a", "小明"]]);
    expect(readUrlencoded("a=%D0%A1%C3%F7", "")).toEqual([["a", "小明", true]]);
    expect(readUrlencoded("a=%A4p%A9%FA", "big5")).toEqual([["a", "小明"]]);
  });

  it.each(["", "hello", "{'a=1': 2}", "<a b='c'/>", "a=1&b=%e5%b", "a=1%", "a=&".repeat(20_001)])(
    "is not read from %.20j",
    (text) => {
      expect(readUrlencoded(text, "")).toBeNull();
    },
  );

  it.each([
    "a=1&b=2",
    "a=x+y%2Bz&&b&c==",
    "%7b%22a%22%3a1%7d",
    "a=%D0%A1%C3%F7&",
    "a[b]=1&=",
    `p=/9j/${"A+".repeat(9)}`,
  ])("is read from bytes without a text of all of them: %.20j", (text) => {
    for (const charset of ["", "gbk"])
      expect(readUrlencodedBytes(Buffer.from(text), charset)).toEqual(readUrlencoded(text, charset));
  });

  it.each(["", "{", "a=1\nb=2", "a=小", " a=1", "a=1 ", "a=1\0", "a=1&b=%e5%b", "a=1%", "a=&".repeat(20_001)])(
    "is not read from the bytes of %.20j",
    (text) => {
      expect(readUrlencodedBytes(Buffer.from(text), "")).toBeNull();
    },
  );

  it("gives back to pictures the plus signs that became blanks", () => {
    const picture = `/9j/${"a+b/".repeat(20)}==`;
    const base64Png = png.toString("base64").replaceAll("A", "+");
    expect(readUrlencoded(`a=${picture}&b=x+y&c=${base64Png}`, "")).toEqual([
      ["a", picture],
      ["b", "x y"],
      ["c", base64Png],
    ]);
    expect(readUrlencoded(`a={"p":"${picture}","q":"x+y"}`, "")).toEqual([["a", `{"p":"${picture}","q":"x y"}`]]);
  });
});

describe("a form in parts", () => {
  const read = (body: string | Buffer, charset = "") => {
    const form = readMultipart(Buffer.from(body), charset);
    if (form === null || typeof form === "string") return form;
    return form.isTorn
      ? "torn-form"
      : form.fields.map(([name, text, isGuess]) => (isGuess ? [name, text, isGuess] : [name, text]));
  };

  it("has texts and files, binary ones as base64", () => {
    const body = multipartOf([
      ["a", "小\r\n明"],
      ["b", jpeg("b")],
      ["c", Buffer.from(photo("c"))],
      ["d", ""],
    ]);
    expect(read(body)).toEqual([
      ["a", "小\r\n明"],
      ["b", photo("b")],
      ["c", photo("c")],
      ["d", ""],
    ]);
  });

  it("may have bare line ends, names without quotes, and parts without a name", () => {
    const body = "--x\nContent-Disposition: form-data; name=a\n\n1\n--x\nX: y\n\n2\n--x\nname\n--x--";
    expect(read(body)).toEqual([["a", "1"]]);
  });

  const part = (headers: string, content: string) => `--x\r\n${headers}\r\n\r\n${content}\r\n`;
  const json = (content: string, type = "application/json") => part(`Content-Type: ${type}`, content);
  const named = part('Content-Disposition: form-data; name="b"', "2");
  it.each([
    ["is the report", json('{"a":1}'), { a: 1 }],
    [
      "is the report, whatever it is called besides",
      json('{"a":1}', "application/vnd.box+json; charset=utf-8"),
      { a: 1 },
    ],
    ["has the other parts as members", json('{"a":1}') + named, { a: 1, b: "2" }],
    ["is one of several reports", json('{"a":1}') + json('{"a":2}'), [{ a: 1 }, { a: 2 }]],
    ["is one of several, beside other parts", json('{"a":1}') + json("[]") + named, [{ a: 1 }, [], { b: "2" }]],
    ["that is a list has the other parts beside it", json('[{"a":1}]') + named, [[{ a: 1 }], { b: "2" }]],
    ["that cannot be read is a text", json("{") + named, { "": "{", b: "2" }],
  ])("reads JSON in an unnamed part: that part %s", (_, parts, value) => {
    expect(readBody(new Body(Buffer.from(`${parts}--x--`)), "")).toEqual({ value, flags: [] });
  });

  it("may have line ends before its first boundary, as bytes and as text", () => {
    const body = `\r\n\n${multipartOf([["a", "小明"]])}`;
    expect(read(body)).toEqual([["a", "小明"]]);
    expect(read("\r\n")).toBeNull();
    expect(readBody(new Body(body), "")).toEqual({ value: { a: "小明" }, flags: [] });
  });

  it("is read in the charset that was declared", () => {
    const head = '--x\r\nContent-Disposition: form-data; filename="f"; name="a"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xd0, 0xa1, 0xc3, 0xf7]), Buffer.from("\r\n--x--")]);
    expect(read(body, "gbk")).toEqual([["a", "小明"]]);
    expect(read(body)).toEqual([["a", "小明", true]]);
  });

  it("is read in the charset that a part declares", () => {
    const head = '--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=big5\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xa4, 0x70, 0xa9, 0xfa]), Buffer.from("\r\n--x--")]);
    expect(read(body, "utf-8")).toEqual([["a", "小明"]]);
  });

  it("keeps the last byte and empty lines of a file with bare line ends", () => {
    const file = Buffer.concat([jpeg("a"), Buffer.from("\r\n\r\n\r")]);
    const head = '--x\nContent-Disposition: form-data; name="a"; filename="a.jpg"\n\n';
    const body = Buffer.concat([Buffer.from(head), file, Buffer.from("\n--x--")]);
    expect(read(body)).toEqual([["a", file.toString("base64")]]);
  });

  it.each([
    ["nothing", ""],
    ["JSON", "{}"],
    ["dashes alone", "--"],
    ["a line too long to be a boundary", `--${"x".repeat(300)}\n`],
  ])("is not %s", (_, body) => {
    expect(read(body)).toBeNull();
  });

  it("is torn if its end is missing", () => {
    const body = multipartOf([["a", "1"]]);
    expect(read(body.subarray(0, -6))).toBe("torn-form");
    expect(read("--x")).toBe("torn-form");
  });

  const sized = (length: number, content: string, end: string) =>
    `--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Length:${length}\r\n\r\n${content}${end}`;
  it.each([
    ["no line end", sized(2, "12", "--x--"), "12"],
    ["three line ends", sized(2, "12", "\r\n\r\n\r\n--x--"), "12"],
    ["bare line ends", sized(2, "12", "\n\n--x--"), "12"],
    ["a line end of its own", sized(4, "12\r\n", "\r\n--x--"), "12\r\n"],
    ["a boundary within", sized(7, "1\r\n--x2", "\r\n--x--"), "1\r\n--x2"],
    ["a length that is too short", sized(1, "12", "\r\n--x--"), "12"],
    ["a length that is too long", sized(99, "12", "\r\n--x--"), "12"],
    ["the length of its headers as well", sized(60, "12", "\r\n--x--"), "12"],
  ])("has the content of a part by its own length, also with %s", (_, body, content) => {
    expect(read(body)).toEqual([["a", content]]);
  });

  it("has the length of a part for that part alone, also after an empty one", () => {
    expect(read(`--x\r\n${sized(2, "12", "\r\n--x--")}`)).toEqual([["a", "12"]]);
    expect(read(`--x\r\nA: 1\r\n${sized(2, "12", "\r\n--x--")}`)).toEqual([["a", "12"]]);
  });

  it("has at most 20,000 fields", () => {
    expect(read(`--x${"\n\n\n--x".repeat(20_000)}--`)).toEqual([]);
    expect(read(`--x${"\n\n\n--x".repeat(20_001)}--`)).toBe("too-many-fields");
  });
});

describe("a form of one field", () => {
  it.each([
    ["its value", `data=${encodeURIComponent('{"a":1}')}`],
    ["its value, as it is", 'data={"a":1}'],
    ["its name", `${encodeURIComponent('{"a":1}')}=`],
    ["its name, alone", encodeURIComponent('{"a":1}')],
  ])("may contain the whole report as %s", (_, text) => {
    expect(readText(text, "")).toEqual({ value: { a: 1 }, flags: [] });
  });

  it("is flagged if it is in Python's words", () => {
    expect(readText("event={'a': None}", "")).toEqual({
      value: { a: null },
      flags: ["tolerant-parse"],
    });
  });

  it("is a member if it contains no report", () => {
    expect(readText("a=1", "")).toEqual({ value: { a: "1" }, flags: [] });
  });
});
