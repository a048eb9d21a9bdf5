import { expect, it } from "vitest";
import { openPage } from "./support.ts";

it("says how far a clock is ahead or behind, and nothing of a right one", async () => {
  await openPage(() => 503);
  const { skewText } = await import("../../../packages/console/src/state/boxes/about.ts");
  expect([-49, 0, 49].map(skewText)).toEqual(["0 s", "0 s", "0 s"]);
  expect([-51, 800, -1100].map(skewText)).toEqual(["−0.1 s", "+0.8 s", "−1.1 s"]);
});
