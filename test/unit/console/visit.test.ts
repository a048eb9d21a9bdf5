import { expect, it } from "vitest";
import { type ChosenVisit, isVisitReady, visitIn } from "../../../packages/console/src/parts/acting/visit.tsx";

const visit = (until: ChosenVisit["until"]["value"], day = ""): ChosenVisit => ({
  until: { value: until },
  day: { value: day },
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
