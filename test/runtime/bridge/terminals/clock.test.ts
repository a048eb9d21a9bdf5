import { expect, it } from "vitest";
import { TerminalClock } from "../../../../packages/bridge/src/hikvision/terminal-clock.ts";

const now = Date.parse("2026-11-24T00:01:18Z");

it.each([
  ["2026-11-24T08:01:18+08:00", "+08:00"],
  ["2026-11-23T18:01:18-6:00", "-06:00"],
  ["2026-11-24T05:31:18", "+05:30"],
  ["2026-11-24T05:33:40", "+05:30"],
  ["2026-11-24T00:01:18Z", "+00:00"],
  ["2000-01-01T00:00:07", "+00:00"],
  ["no time", "+00:00"],
])("takes its zone from %s", (shown, zone) => {
  const clock = new TerminalClock(shown, now);
  expect(clock.write(now).slice(-6)).toBe(zone);
  expect(clock.read(clock.write(now))).toBe(now);
});

it("reads times with their own zone, and others in the terminal's", () => {
  const clock = new TerminalClock("2026-11-24T08:01:18+08:00", now);
  expect(clock.read("2026-11-24T08:01:18")).toBe(now);
  expect(clock.read(" 2026-11-24T01:01:18+01:00 ")).toBe(now);
  expect(clock.read("yesterday")).toBeNull();
});

it("writes no year that a terminal may refuse", () => {
  const clock = new TerminalClock("2026-11-24T08:01:18+08:00", now);
  expect(clock.write(0)).toBe("2000-01-01T00:00:00+08:00");
  expect(clock.write(8_640_000_000_000)).toBe("2037-12-31T23:59:59+08:00");
});

it.each([
  ["2026-11-24T08:01:18+08:00", 0],
  ["2026-11-24T09:01:18+08:00", 0],
  ["2026-11-24T06:01:18+08:00", 7_200_000],
  ["2000-01-01T00:00:00+08:00", 86_400_000],
])("is behind at %s by %i ms", (shown, behind) => {
  expect(new TerminalClock(shown, now).behindMs).toBe(behind);
});
