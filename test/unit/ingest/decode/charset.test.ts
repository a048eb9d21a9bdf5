import { describe, expect, it } from "vitest";
import { bytesAsText, declaredCharset, textOf } from "../../../../packages/ingest/src/decode/charset.ts";
import { jpeg, png } from "../../../support/pictures.ts";

const utf16 = (text: string, mark = "") => Buffer.from(mark + text, "utf16le");
/** 小明 in GBK. */
const gbk = Buffer.from([0xd0, 0xa1, 0xc3, 0xf7]);

describe("a declared charset", () => {
  it.each([
    ["application/json; charset=GBK", "gbk"],
    ['application/json;CharSet = "utf-8"', "utf-8"],
    ["application/json", ""],
    ["", ""],
  ])("of %j is %j", (type, charset) => {
    expect(declaredCharset(type)).toBe(charset);
  });
});

describe("the text of bytes", () => {
  it.each([
    ["UTF-8", Buffer.from("小明"), "", "小明"],
    ["UTF-8 behind its mark", Buffer.from("\uFEFF小明"), "utf-8", "小明"],
    ["UTF-16 behind its mark", utf16("小明", "\uFEFF"), "", "小明"],
    ["UTF-16 behind its mark, big end first", utf16("小明", "\uFEFF").swap16(), "", "小明"],
    ["UTF-16 that begins in ASCII", utf16("{}"), "", "{}"],
    ["UTF-16 that begins in ASCII, big end first", utf16("{}").swap16(), "utf-8", "{}"],
    ["UTF-16 by its charset", utf16("小明"), "utf-16le", "小明"],
    ["UTF-16 by its charset that tells no end", utf16("小明"), "utf-16", "小明"],
    ["UTF-16 by its charset, big end first", utf16("小明").swap16(), "utf-16be", "小明"],
    ["GBK by its charset", gbk, "gb2312", "小明"],
    ["GBK that is no UTF-8", gbk, "", "小明"],
    ["UTF-8 that is called GBK and is none", Buffer.from("a小"), "gbk", "a小"],
    ["UTF-8 cut off within a character", Buffer.from("小明").subarray(0, 5), "", "小\uFFFD"],
    ["one byte", Buffer.from("1"), "", "1"],
    ["nothing", Buffer.alloc(0), "", ""],
  ])("is read from %s", (_, bytes, declared, text) => {
    expect(textOf(bytes, declared)).toBe(text);
  });

  it("is none where it is in no charset", () => {
    expect(textOf(Buffer.from([0x80, 0xff, 0xff, 0x80, 0x80]), "")).toBeNull();
    expect(textOf(Buffer.from([0x00, 0xd8, 0x00]), "utf-16be")).toBeNull();
  });
});

describe("bytes that may be a picture", () => {
  it.each([
    ["a JPEG", jpeg("a")],
    ["a PNG", png],
    ["the beginning of a PNG, which GBK can say", png.subarray(0, 4)],
    ["what is in no charset", Buffer.from([0x80, 0xff, 0xff, 0x80, 0x80])],
  ])("are base64: %s", (_, bytes) => {
    expect(bytesAsText(bytes, "")).toBe(bytes.toString("base64"));
  });

  it("are text where they are one", () => {
    expect(bytesAsText(gbk, "gbk")).toBe("小明");
    expect(bytesAsText(Buffer.from("abc"), "")).toBe("abc");
  });
});
