import { describe, expect, it } from "vitest";
import {
  comparable,
  comparableAddress,
  comparableEndpoint,
  isVisible,
} from "../../../packages/protocol/src/comparable.ts";

describe("an id as it is compared", () => {
  it.each([
    ["888001 ", "888001"],
    ["\t888001\r\n", "888001"],
    ["888001\u0000", "888001"],
    ["\ufeff888001\u200b\u00ad", "888001"],
    ["\u3000王 芳\u00a0", "王 芳"],
    ["\u{e0001}888001\u{e0020}", "888001"],
    ["0123", "0123"],
    ["a b", "a b"],
    ["😀", "😀"],
    ["\ud800", "\ud800"],
    [" \udc00 ", "\udc00"],
    ["\ue000", "\ue000"],
    ["", ""],
    [" \u0000 ", " \u0000 "],
  ])("%j is %j", (sent, id) => {
    expect(comparable(sent)).toBe(id);
  });

  it.each([
    ["王", true],
    ["\u200b😀", true],
    [" .", true],
    ["", false],
    [" \u0000\u3000\u200b\u{e0020}", false],
  ])("%j can be seen: %s", (text, is) => {
    expect(isVisible(text)).toBe(is);
  });

  it("loses 1,024 characters at an end at most", () => {
    const blanks = " ".repeat(2000);
    expect(comparable(`${blanks}x${blanks}`)).toBe(`${" ".repeat(976)}x${" ".repeat(976)}`);
  });
});

describe("an address as it is compared", () => {
  it.each([
    ["1.2.3.4", "1.2.3.4"],
    ["1.2.3.4 ", "1.2.3.4"],
    ["001.2.003.04", "1.2.3.4"],
    ["256.1.1.1", "256.1.1.1"],
    ["1.2.3", "1.2.3"],
    ["::FFFF:1.2.3.4", "1.2.3.4"],
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["fe80::0001%eth0", "fe80::1%eth0"],
    ["rtsp://1.2.3.4:554/a", "rtsp://1.2.3.4:554/a"],
    ["::1]/x", "::1]/x"],
    ["", ""],
    [`${"0".repeat(80)}1.2.3.4`, `${"0".repeat(80)}1.2.3.4`],
  ])("%j is %j", (sent, address) => {
    expect(comparableAddress(sent)).toBe(address);
  });

  it("is also the second part of ep_id", () => {
    expect(comparableEndpoint("SNO1__001.2.3.4 ")).toBe("SNO1__1.2.3.4");
    expect(comparableEndpoint(" SNO1 ")).toBe("SNO1");
  });
});
