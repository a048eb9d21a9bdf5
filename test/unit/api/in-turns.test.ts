import { expect, it } from "vitest";
import { inTurns } from "../../../packages/api/src/people/in-turns.ts";

it("others get their turns while a long list is worked on", async () => {
  const seen: (number | "other")[] = [];
  setImmediate(() => seen.push("other"));
  await inTurns([1, 2, 3, 4, 5], 2, (one) => seen.push(one));
  expect(seen).toEqual([1, 2, "other", 3, 4, 5]);
});
