import { expect, it } from "vitest";
import { type ChosenVisit, isVisitReady, visitIn } from "../../../packages/console/src/parts/acting/visit.tsx";

const visit = (until: ChosenVisit["until"]["value"], day = "", from = ""): ChosenVisit => ({
  until: { value: until },
  day: { value: day },
  from: { value: from },
  host: { value: "" },
});

it("needs the day of another day", () => {
  expect(isVisitReady(visit("day"), true)).toBe(false);
  expect(isVisitReady(visit("day", "2026-12-01"), true)).toBe(true);
  expect(isVisitReady(visit(null), true)).toBe(true);
});

it("needs no day if no bridge can end the visit", () => {
  expect(isVisitReady(visit("day"), false)).toBe(true);
  expect(visitIn(visit("day"), false)).toEqual({});
});

it("has a begin if it has an end", () => {
  const [from, to] = ["2026-12-01T14:00", "2026-12-01T23:59"].map((text) => new Date(text).toISOString());
  expect(visitIn(visit("day", "2026-12-01", "2026-12-01T14:00"), true)).toEqual({ validFrom: from, validUntil: to });
  expect(visitIn(visit("day", "2026-12-01"), true)).toEqual({ validUntil: to });
  expect(visitIn(visit("always", "", "2026-12-01T14:00"), true)).toEqual({});
});
