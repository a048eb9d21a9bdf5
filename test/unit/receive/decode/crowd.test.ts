import { describe, expect, it } from "vitest";
import { seen } from "../../../support/crowd.ts";

const million = 1_000_000;

// Under measured coverage each byte costs much: test/system/ingest has a million of every sort.
describe("a crowd", () => {
  it.each([
    ["values", `[${"0,".repeat(million - 1)}0]`, `[${"0,".repeat(million)}0]`, "too-many-values"],
    ["lines", "{}\n".repeat(10_000), "{}\n".repeat(10_001), "too-many-reports"],
  ])("of as many %s as are allowed passes, and not of one more", (_, allowed, beyond, reason) => {
    expect([seen(allowed), seen(beyond)]).toEqual([null, reason]);
  });

  it("is the same in pieces of any size", () => {
    const text = JSON.stringify({ 'a\\"\\\\': `x,\\" [,{ \\`, b: [[], [], [], "\\"] });
    for (const size of [1, 2, 3, 5, 64]) expect(seen(`[${`${text},`.repeat(100)}1]`, size)).toBeNull();
  });

  it("is none of what is in short strings, or in pictures", () => {
    expect(seen(`[${'",,,,[[[[{{{{",'.repeat(200_000)}1]`)).toBeNull();
    expect(seen(JSON.stringify({ a: "/9j/".repeat(million) }))).toBeNull();
  });

  it("is what a text has in it that may be parsed, too", () => {
    expect(seen(JSON.stringify(`[${"0,".repeat(million - 10)}0]`))).toBeNull();
    expect(seen(JSON.stringify(`[${"0,".repeat(million + 10)}0]`))).toBe("too-many-values");
  });

  it("is none of the bytes of a picture in a form", () => {
    const bytes = Buffer.alloc(50_000);
    for (let at = 0, state = 1; at < bytes.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[at] = state >>> 24;
    }
    expect(seen(Buffer.concat([Buffer.from("--x\r\n\r\n"), bytes]))).toBeNull();
    expect(seen(Buffer.concat([Buffer.from([0xff, 0xd8]), bytes]))).toBeNull();
  });

  it("is none of brackets that nothing opens, or that nest deeper than is read", () => {
    expect(seen("]}".repeat(1000))).toBeNull();
    expect(seen("[".repeat(1.2 * million))).toBeNull();
  });
});
