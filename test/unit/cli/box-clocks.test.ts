import { describe, expect, it } from "vitest";
import { type BoxFlags, clockInWords, isClockWrong } from "../../../packages/cli/src/boxes/about.ts";

const none: BoxFlags = new Map();
const box = (skewMs: number | null) => ({ id: "gate-1", clock: { skewMs } });

describe("the clock of a box", () => {
  it.each([
    [null, null, false],
    [0, "right", false],
    [59_999, "right", false],
    [60_000, "1 min ahead", true],
    [-60_000, "1 min behind", true],
    [-2 * 3_600_000, "2 h behind", true],
  ])("a skew of %s ms is shown as %j", (skewMs, words, isWrong) => {
    expect([clockInWords(box(skewMs), none), isClockWrong(box(skewMs), none)]).toEqual([words, isWrong]);
  });

  it("a clock that gave impossible times is unusable, also with a known skew", () => {
    const flags: BoxFlags = new Map([
      ["gate-1", new Map([["clock", 1]])],
      ["gate-2", new Map([["late", 1]])],
    ]);
    expect([clockInWords(box(0), flags), isClockWrong(box(null), flags)]).toEqual(["unusable", true]);
    expect(isClockWrong({ ...box(0), id: "gate-2" }, flags)).toBe(false);
  });
});
