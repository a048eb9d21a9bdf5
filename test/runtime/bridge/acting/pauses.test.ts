import { expect, it } from "vitest";
import { Pauses } from "../../../../packages/bridge/src/acting/pauses.ts";

const minute = 60_000;
const now = Date.UTC(2026, 10, 5);
/** Random numbers give the longest pauses. */
const made = () => new Pauses(() => 1);

it("a pause doubles with each try, up to a minute, until a try needs none", () => {
  const pauses = made();
  const waits = Array.from({ length: 8 }, () => {
    pauses.pause("act_1", now);
    return pauses.restMs(now);
  });
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, minute, minute]);
  pauses.end("act_1");
  expect([pauses.refs(now), pauses.restMs(now)]).toEqual([[], minute]);
  pauses.pause("act_1", now);
  expect(pauses.restMs(now)).toBe(1000);
});

it("a pause delays only its own order, and ends on time", () => {
  const pauses = made();
  for (const ref of ["act_1", "act_1", "act_2"]) pauses.pause(ref, now);
  const refs = [0, 999, 1000, 1999, 2000].map((ms) => pauses.refs(now + ms));
  expect(refs).toEqual([["act_1", "act_2"], ["act_1", "act_2"], ["act_1"], ["act_1"], []]);
  expect([pauses.restMs(now), pauses.restMs(now + 1000)]).toEqual([1000, 1000]);
});

it("a pause ends if the clock is set back", () => {
  const pauses = made();
  pauses.pause("act_1", now);
  expect([pauses.refs(now - 2 * minute), pauses.restMs(now - 2 * minute)]).toEqual([[], minute]);
});
