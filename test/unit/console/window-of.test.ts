import fc from "fast-check";
import { expect, it } from "vitest";
import { windowOf } from "../../../packages/console/src/parts/window-of.ts";

it("paints the rows in view and ten more on each side", () => {
  const heights = Array.from({ length: 1000 }, () => 50);
  expect(windowOf(heights, { top: 0, height: 500 })).toEqual({ first: 0, last: 21, before: 0, after: 48_950 });
  expect(windowOf(heights, { top: 25_000, height: 500 })).toEqual({
    first: 490,
    last: 521,
    before: 24_500,
    after: 23_950,
  });
  expect(windowOf(heights, { top: 90_000, height: 500 })).toEqual({ first: 990, last: 1000, before: 49_500, after: 0 });
});

it("always has the height of all rows, and paints every row that is looked at", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(33, 54, 60), { maxLength: 300 }),
      fc.integer({ min: -500, max: 20_000 }),
      fc.integer({ min: 1, max: 2000 }),
      (heights, top, height) => {
        const sum = (part: readonly number[]) => part.reduce((total, one) => total + one, 0);
        const { first, last, before, after } = windowOf(heights, { top, height });
        expect([before, after]).toEqual([sum(heights.slice(0, first)), sum(heights.slice(last))]);
        for (const [row, each] of heights.entries()) {
          const start = sum(heights.slice(0, row));
          const isSeen = start < top + height && start + each > top;
          if (isSeen) expect(row >= first && row < last).toBe(true);
        }
      },
    ),
  );
});
