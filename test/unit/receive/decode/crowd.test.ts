import { describe, expect, it } from "vitest";
import { seen } from "../../../support/crowd.ts";

const million = 1_000_000;

describe("the limit of values and reports", () => {
  it.each([
    ["values", `[${"0,".repeat(million - 1)}0]`, `[${"0,".repeat(million)}0]`, "too-many-values"],
    ["empty lists", `[${"[],".repeat(million - 1)}[ ]]`, `[${"[],".repeat(million)}[]]`, "too-many-values"],
    ["lines", "{}\n".repeat(10_000), "{}\n".repeat(10_001), "too-many-reports"],
  ])("allows as many %s as the limit, and not one more", (_, allowed, beyond, reason) => {
    expect([seen(allowed), seen(beyond)]).toEqual([null, reason]);
  });

  it("counts the same in pieces of any size", () => {
    const text = JSON.stringify({ 'a\\"\\\\': `x,\\" [,{ \\`, b: [[], [], [], "\\"] });
    for (const size of [1, 2, 3, 5, 64]) expect(seen(`[${`${text},`.repeat(100)}1]`, size)).toBeNull();
  });

  it("does not count the content of short strings or pictures", () => {
    expect(seen(`[${'",,,,[[[[{{{{",'.repeat(200_000)}1]`)).toBeNull();
    expect(seen(JSON.stringify({ a: "/9j/".repeat(million) }))).toBeNull();
  });

  it("counts values in a text that may be parsed", () => {
    expect(seen(JSON.stringify(`[${"0,".repeat(million - 10)}0]`))).toBeNull();
    expect(seen(JSON.stringify(`[${"0,".repeat(million + 10)}0]`))).toBe("too-many-values");
  });

  it("does not count the bytes of a picture in a form", () => {
    const bytes = Buffer.alloc(50_000);
    for (let at = 0, state = 1; at < bytes.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[at] = state >>> 24;
    }
    expect(seen(Buffer.concat([Buffer.from("--x\r\n\r\n"), bytes]))).toBeNull();
    expect(seen(Buffer.concat([Buffer.from([0xff, 0xd8]), bytes]))).toBeNull();
  });

  it("does not count unopened brackets, or brackets nested too deep", () => {
    expect(seen("]}".repeat(1000))).toBeNull();
    expect(seen("[".repeat(1.2 * million))).toBeNull();
  });
});
