import { describe, expect, it } from "vitest";
import { calculator, measured, sizeOf } from "../../../packages/api/src/openapi/sizing.ts";
import { rowsUnder } from "./named-tests.ts";
import { textOf } from "./sources.ts";

const pages = [
  ["docs/costs.md", "### Examples", "### Per passing"],
  ["docs/costs.zh-CN.md", "### 示例", "### 每次通行"],
] as const;
const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

describe.each(pages)("%s has the numbers of the calculator", (page, examples, perPassing) => {
  it("lists the examples as it calculates them", () => {
    const rows = rowsUnder(examples, textOf(page));
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) {
      const [boxes = 0, passings = 0, days = 0, ...size] = row.map((cell) => Number(cell.replaceAll(",", "")));
      const { pictureKilobytes } = measured;
      const calculated = Object.values(sizeOf({ boxes, passings, days, pictureKilobytes }, measured));
      expect(size.map((value) => number.format(value))).toEqual(calculated.map((value) => number.format(value)));
    }
  });

  it("lists the needs of a passing as they were measured", () => {
    const needs = rowsUnder(perPassing, textOf(page)).map(([, need]) => need);
    const { pictureKilobytes, rowKilobytes, cpuMilliseconds, extraPictureDays, memoryGigabytes } = measured;
    expect(needs).toEqual([
      `${pictureKilobytes} KB`,
      `${rowKilobytes} KB`,
      `${cpuMilliseconds} ms`,
      `${extraPictureDays}`,
      `${memoryGigabytes} GB`,
    ]);
  });
});

it("the calculator begins with the measured size of pictures", () => {
  expect(calculator).toContain(`name="pictureKilobytes" value="${measured.pictureKilobytes}"`);
});

it("more than 100 passings a second need a third core", () => {
  const load = { boxes: 1, days: 1, pictureKilobytes: 1 };
  expect(sizeOf({ ...load, passings: 1_080_000 }, measured).cores).toBe(2);
  expect(sizeOf({ ...load, passings: 1_200_000 }, measured).cores).toBe(3);
});
