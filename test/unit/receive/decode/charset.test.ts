import { describe, expect, it } from "vitest";
import { declaredCharset, readBytes, readTextOf } from "../../../../packages/receive/src/decode/text.ts";
import { jpeg, png } from "../../../support/pictures.ts";

const utf16 = (text: string, mark = "") => Buffer.from(mark + text, "utf16le");
/** 小明 in GBK. */
const gbk = Buffer.from([0xd0, 0xa1, 0xc3, 0xf7]);
/** Names in the charsets of their countries. */
const big5 = Buffer.from([0xa4, 0x70, 0xa9, 0xfa]);
const shiftJis = Buffer.from([0x8f, 0xac, 0x96, 0xbe]);
const eucKr = Buffer.from([0xb1, 0xe8]);
const latin1 = Buffer.from("José", "latin1");

describe("a declared charset", () => {
  it.each([
    ["application/json; charset=GBK", "gbk"],
    ['application/json;CharSet = "utf-8"', "utf-8"],
    ["application/json", ""],
    ["", ""],
  ])("is read from the content type %j as %j", (type, charset) => {
    expect(declaredCharset(type)).toBe(charset);
  });

  it.each([
    ["big5", big5, "小明"],
    ["big5-hkscs", big5, "小明"],
    ["cp950", big5, "小明"],
    ["shift_jis", shiftJis, "小明"],
    ["windows-31j", shiftJis, "小明"],
    ["cp932", shiftJis, "小明"],
    ["euc-kr", eucKr, "김"],
    ["ks_c_5601-1987", eucKr, "김"],
    ["ms949", eucKr, "김"],
    ["gb2312", gbk, "小明"],
    ["cp936", gbk, "小明"],
    ["iso-8859-1", latin1, "José"],
    ["latin1", latin1, "José"],
    ["us-ascii", latin1, "José"],
    ["windows-1252", Buffer.from([0x80]), "€"],
    ["iso-8859-15", Buffer.from([0xa4]), "€"],
    ["utf-8", Buffer.from("小明"), "小明"],
  ])("is used if the bytes are valid in it: %s", (declared, bytes, text) => {
    expect(readTextOf(bytes, declared)).toEqual({ text, isGuess: false });
  });

  it.each(["iso-8859-1", "windows-1252", "us-ascii", "klingon", "ucs-2", "euc-kr"])(
    "is ignored for UTF-8 bytes, with a flag if they are not ASCII: %s",
    (declared) => {
      expect(readTextOf(Buffer.from("Zoë 小明!"), declared)).toEqual({ text: "Zoë 小明!", isGuess: true });
      expect(readTextOf(Buffer.from("{}"), declared)).toEqual({ text: "{}", isGuess: false });
    },
  );

  it.each(["utf-8", "big5", "klingon", ""])("leads to a guess if the bytes are not valid in it: %j", (declared) => {
    const bytes = Buffer.from([0xd0, 0x90, 0xc3, 0xf7]);
    expect(readTextOf(bytes, declared)?.isGuess).toBe(true);
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
    ["one byte", Buffer.from("1"), "", "1"],
    ["nothing", Buffer.alloc(0), "", ""],
    ["UTF-8 behind zeros", Buffer.from("\0\0{}"), "", "\0\0{}"],
  ])("is read from %s", (_, bytes, declared, text) => {
    expect(readTextOf(bytes, declared)).toEqual({ text, isGuess: false });
  });

  it.each([
    ["GBK that is no UTF-8", gbk, "", "小明"],
    ["UTF-8 that is called GBK and is none", Buffer.from("a小"), "gbk", "a小"],
    ["UTF-8 that is called GBK and could be", Buffer.from("住户"), "gbk", "住户"],
    ["UTF-8 cut off within a character", Buffer.from("小明").subarray(0, 5), "", "小\uFFFD"],
  ])("is flagged as a guess or incomplete if it is read from %s", (_, bytes, declared, text) => {
    expect(readTextOf(bytes, declared)).toEqual({ text, isGuess: true });
  });

  it("is null if no charset fits", () => {
    expect(readTextOf(Buffer.from([0x80, 0xff, 0xff, 0x80, 0x80]), "")).toBeNull();
    expect(readTextOf(Buffer.from([0x00, 0xd8, 0x00]), "utf-16be")).toBeNull();
  });
});

describe("bytes that may be a picture", () => {
  it.each([
    ["a JPEG", jpeg("a")],
    ["a PNG", png],
    ["the beginning of a PNG, which GBK can say", png.subarray(0, 4)],
    ["what is in no charset", Buffer.from([0x80, 0xff, 0xff, 0x80, 0x80])],
  ])("are base64: %s", (_, bytes) => {
    expect(readBytes(bytes, "")).toEqual({ text: bytes.toString("base64"), isGuess: false, isBinary: true });
  });

  it("stay text if they are one", () => {
    expect(readBytes(gbk, "gbk")).toEqual({ text: "小明", isGuess: false });
    expect(readBytes(gbk, "")).toEqual({ text: "小明", isGuess: true });
    expect(readBytes(Buffer.from("abc"), "")).toEqual({ text: "abc", isGuess: false });
  });
});
