import { expect, it } from "vitest";
import { maxBoxNameLength, maxIdLength } from "../../../packages/console/src/state/filter.ts";
import { boxText, personText } from "../../../packages/core/src/events/filter.ts";

it("the fields of filters take as many characters as the API, and no more", () => {
  const takes = (schema: typeof personText, length: number) => schema.safeParse("x".repeat(length)).success;
  expect([takes(personText, maxIdLength), takes(personText, maxIdLength + 1)]).toEqual([true, false]);
  expect([takes(boxText, maxBoxNameLength), takes(boxText, maxBoxNameLength + 1)]).toEqual([true, false]);
});
