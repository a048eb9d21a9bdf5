import { expect, it } from "vitest";
import { playOne } from "../../../prove/differential/differential.ts";
import { isLong } from "../../support/seeded.ts";

const runs = Array.from({ length: isLong ? 100 : 4 }, (_, seed) => seed);

it.each(runs)("both runtimes answer alike in run %i", async (seed) => {
  const { findings, asked } = await playOne(seed);
  expect(findings).toEqual([]);
  expect(asked).toBeGreaterThan(50);
});
