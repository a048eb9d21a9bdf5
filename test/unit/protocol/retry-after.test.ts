import { expect, it } from "vitest";
import { retryAfterMs } from "../../../packages/protocol/src/retry-after.ts";

const now = Date.UTC(2026, 2, 1, 12);
const date = "Sun, 01 Mar 2026 13:00:00 GMT";

it.each([
  ["seconds", "90", undefined, 90_000],
  ["a date by the clock here", "Sun, 01 Mar 2026 12:01:30 GMT", undefined, 90_000],
  ["a date by the clock of the answer", "Sun, 01 Mar 2026 13:01:30 GMT", date, 90_000],
  ["a date, and a clock that cannot be read", "Sun, 01 Mar 2026 12:01:30 GMT", "noon", 90_000],
  ["a date in the past", "Sun, 01 Mar 2026 12:01:30 GMT", date, 0],
  ["less than nothing", "-5", undefined, 0],
  ["no end", "Infinity", undefined, 0],
  ["a word", "soon", undefined, 0],
  ["nothing", undefined, undefined, 0],
])("the wait that an answer asks for is read from %s", (_, retryAfter, answeredAt, ms) => {
  expect(retryAfterMs(retryAfter, answeredAt, now)).toBe(ms);
});
