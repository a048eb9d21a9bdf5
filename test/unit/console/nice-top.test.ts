import { expect, it } from "vitest";
import { niceTop } from "../../../packages/console/src/statistics/bars.tsx";

it("ends the axis of a chart at a round number above its highest bar", () => {
  expect([0, 1, 4, 5, 9, 12, 50, 251, 1000, 12_345].map(niceTop)).toEqual([4, 4, 4, 8, 12, 12, 60, 320, 1000, 16_000]);
  for (let highest = 0; highest < 3000; highest++) {
    const top = niceTop(highest);
    expect(Number.isInteger(top / 4) && top >= highest && top <= Math.max(4, highest * 2)).toBe(true);
  }
});
