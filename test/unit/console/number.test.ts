import { expect, it } from "vitest";
import { limitSize, shortMs, size } from "../../../packages/console/src/format/number.ts";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [38_400, "38 KB"],
  [2_100_000_000, "2.1 GB"],
  [999_000_000_000_000_000, "999,000 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

it.each([
  [64 * 1024 ** 2, "64 MiB"],
  [8192, "8 KiB"],
])("a limit of %d bytes is %s", (bytes, text) => {
  expect(limitSize(bytes)).toBe(text);
});

it.each([
  [26, "26 ms"],
  [-400, "-400 ms"],
  [3210, "3.2 s"],
  [59_900, "59.9 s"],
  [61_000, "1 min 1 s"],
  [907_692_900, "10 days 12 h"],
])("a delay of %d ms is %s", (ms, text) => {
  expect(shortMs(ms)).toBe(text);
});
