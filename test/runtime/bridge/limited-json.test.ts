import { afterEach, expect, it, vi } from "vitest";
import { limitedJson, limitedJsonOrNull } from "../../../packages/bridge/src/limited-json.ts";
import { pushedEventKey } from "../../../packages/bridge/src/se5/event-key.ts";

const parse = vi.spyOn(JSON, "parse");
afterEach(() => void parse.mockClear());

const listOf = (values: number, value: string) => Buffer.from(`[${Array(values).fill(value).join(",")}]`);
const many = 1_000_001;

it.each([
  ["more than a million lists", listOf(many, "[]"), "too-many-values"],
  ["more than a million objects", listOf(many, "{}"), "too-many-values"],
  ["more than a million numbers", listOf(many, "1"), "too-many-values"],
  ["lists in lists", Buffer.from("[".repeat(65) + "]".repeat(65)), "nested-too-deep"],
  ["lists that are only opened", Buffer.from("[".repeat(100_000)), "nested-too-deep"],
])("%s are never parsed", (_, content, unreadable) => {
  expect(limitedJson(content)).toEqual({ unreadable });
  expect(limitedJsonOrNull(content)).toBeNull();
  expect(pushedEventKey(content)).toBeNull();
  expect(parse).not.toHaveBeenCalled();
});

it("JSON of a box is read with any text in its strings", () => {
  const sent = { levels: [[["[[[["]]], picture: ",".repeat(2_000_000), bytes: null };
  expect(limitedJson(Buffer.from(JSON.stringify(sent)))).toEqual({ value: sent });
  expect(limitedJsonOrNull(Buffer.from("7"))).toBe(7);
  expect(limitedJson(Buffer.from("[".repeat(64) + "]".repeat(64)))).toHaveProperty("value");
});

it("a text that is no JSON is reported", () => {
  expect(limitedJson(Buffer.from("<html>"))).toEqual({ unreadable: "no JSON" });
});
