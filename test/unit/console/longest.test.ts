import { expect, it } from "vitest";
import { longestBoxName, longestId } from "../../../packages/console/src/events/filter.ts";
import { boxText, personText } from "../../../packages/query/src/listing.ts";

it("the fields of filters take as many characters as the API, and no more", () => {
  const takes = (schema: typeof personText, length: number) => schema.safeParse("x".repeat(length)).success;
  expect([takes(personText, longestId), takes(personText, longestId + 1)]).toEqual([true, false]);
  expect([takes(boxText, longestBoxName), takes(boxText, longestBoxName + 1)]).toEqual([true, false]);
});
