import { describe, expect, it } from "vitest";
import { seen } from "../../support/crowd.ts";

const million = 1_000_000;

describe("a crowd", () => {
  it.each([
    ["values", `[${"0,".repeat(million - 1)}0]`, `[${"0,".repeat(million)}0]`, "too-many-values"],
    ["empty lists", `[${"[],".repeat(million - 1)}[ ]]`, `[${"[],".repeat(million)}[]]`, "too-many-values"],
    ["members", `{${'"a":1,'.repeat(million - 1)}"a":1}`, `{${'"a":1,'.repeat(million)}"a":1}`, "too-many-values"],
    ["lines", "{}\n".repeat(10_000), "{}\n".repeat(10_001), "too-many-reports"],
    [
      "values in a form",
      `a=%5B${"0%2C".repeat(million - 1)}0%5D`,
      `a=%5B${"0%2c".repeat(million + 9)}0`,
      "too-many-values",
    ],
    ["values in a text", `"${"0,".repeat(million)}"`, `"${"0,".repeat(million + 1)}"`, "too-many-values"],
  ])("begins above the allowed number of %s", (_, allowed, beyond, reason) => {
    expect([seen(allowed), seen(beyond)]).toEqual([null, reason]);
  });

  it("is the same in pieces of any size", () => {
    const text = JSON.stringify({ 'a\\"\\\\': `x,\\" [,{ \\`, b: [[], [], [], "\\"] });
    const many = `[${`${text},`.repeat(150_000)}1]`;
    for (const size of [3, 7, 64, 65, 1000, 4_000_000]) expect(seen(many, size)).toBe("too-many-values");
    for (const size of [1, 2, 3, 5, 64]) expect(seen(`[${`${text},`.repeat(1000)}1]`, size)).toBeNull();
  });

  it("is not caused by short strings or pictures", () => {
    expect(seen(`[${'",,,,[[[[{{{{",'.repeat(200_000)}1]`)).toBeNull();
    expect(seen(JSON.stringify({ a: "/9j/".repeat(5 * million) }))).toBeNull();
  });

  it("is not caused by the bytes of a picture in a form", () => {
    const bytes = Buffer.alloc(40 * million);
    for (let at = 0, state = 1; at < bytes.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[at] = state >>> 24;
    }
    expect(seen(Buffer.concat([Buffer.from("--x\r\n\r\n"), bytes]))).toBeNull();
    expect(seen(Buffer.concat([Buffer.from([0xff, 0xd8]), bytes]))).toBeNull();
    expect(seen(`--x\r\n\r\n[${"{},".repeat(2 * million)}`)).toBe("too-many-values");
  });

  it("is not caused by unopened brackets, or ones nested too deep", () => {
    expect(seen("]}".repeat(million))).toBeNull();
    expect(seen("[".repeat(3 * million))).toBeNull();
  });
});
