import { expect, it } from "vitest";
import { readTolerant } from "../../../packages/receive/src/decode/tolerant.ts";

const read = (text: string) => {
  const result = readTolerant(text);
  return "value" in result ? result.value : result.unreadable;
};

it("invalid JSON with too many members is not read", () => {
  expect(read(`[${"'',".repeat(400_000)}]`)).toHaveLength(400_000);
  expect(read(`[${"'',".repeat(600_000)}]`)).toBe("not-json");
});
