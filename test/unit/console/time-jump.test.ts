import { expect, it } from "vitest";
import { timeJump } from "../../../packages/console/src/format/time-jump.ts";

/** 10:00 of a Friday, by the reader's clock. */
const now = new Date(2026, 10, 20, 10, 0).getTime();
const at = (day: number, hours: number, minutes = 0, month = 10) =>
  new Date(2026, month, day, hours, minutes).getTime();

it.each([
  ["yesterday 6:30–6:45", at(19, 6, 30), at(19, 6, 45)],
  ["Yesterday 6:30 - 6:45", at(19, 6, 30), at(19, 6, 45)],
  ["昨天 6:30到6:45", at(19, 6, 30), at(19, 6, 45)],
  ["昨天 6：30", at(19, 6, 25), at(19, 6, 35)],
  ["前天", at(18, 0), at(19, 0)],
  ["today", at(20, 0), at(21, 0)],
  ["9:05", at(20, 9, 0), at(20, 9, 10)],
  ["14:05", at(19, 14, 0), at(19, 14, 10)],
  ["9:00 to 9:30", at(20, 9, 0), at(20, 9, 30)],
  ["23:50–0:10", at(19, 23, 50), at(20, 0, 10)],
  ["2026-11-05", at(5, 0), at(6, 0)],
  ["11-05 8:00–9:00", at(5, 8), at(5, 9)],
  ["11月5日 8:00", at(5, 7, 55), at(5, 8, 5)],
])("%j is a time", (text, from, to) => {
  expect(timeJump(text, now)).toEqual({ from, to });
});

it.each([
  "",
  "赵强",
  "Ada",
  "888007",
  "25:00",
  "9:75",
  "2026-13-01",
  "2026-02-30",
  "9:00–26:00",
  "gate-1",
  "192.168.1.25",
  "tomorrowish 9:00",
  `${"9".repeat(5000)}:00`,
  "-",
  ":",
  "11月40日",
  "constructor",
  "__proto__",
])("%j is none", (text) => {
  expect(timeJump(text, now)).toBeNull();
});
