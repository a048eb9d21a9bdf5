import { PassingRate } from "@gatepost/core/live";
import { expect, it } from "vitest";

it("the rate is the mean of the last minute, for all boxes or some", () => {
  let now = 1_000_000;
  const rate = new PassingRate(() => now);
  expect(rate.perSecond(null)).toBe(0);
  for (let n = 0; n < 90; n++) rate.note(n % 3 === 0 ? "gate-1" : "gate-2");
  expect(rate.perSecond(null)).toBe(1.5);
  expect(rate.perSecond(["gate-1"])).toBe(0.5);
  expect(rate.perSecond([])).toBe(0);
  now += 59_000;
  rate.note("gate-1");
  expect(rate.perSecond(["gate-1"])).toBe(0.5);
  now += 1000;
  expect(rate.perSecond(null)).toBe(0);
  for (let n = 0; n < 30; n++) rate.note("gate-1");
  expect(rate.perSecond(null)).toBe(0.5);
});
