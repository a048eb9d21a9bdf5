import { expect, it } from "vitest";
import { enBoxes } from "../../../packages/console/src/words/en-boxes.ts";
import { zhBoxes } from "../../../packages/console/src/words/zh-boxes.ts";

it.each([
  ["V2R1 to V2R4, V5R2 or V5R3", "V2R1–V2R4、V5R2 或 V5R3"],
  ["V2R6 or V5R4 to V5R7", "V2R6 或 V5R4–V5R7"],
  ["V6", "V6"],
  // As a box says it of itself.
  ["Up to date, or not", "Up to date, or not"],
])("the versions %s appear in each language", (said, inChinese) => {
  expect([enBoxes, zhBoxes].map(({ versions }) => versions(said))).toEqual([said, inChinese]);
});
