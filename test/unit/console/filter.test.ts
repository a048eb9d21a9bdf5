import { expect, it } from "vitest";
import { filterKey, filterOf, lacksRange, onlyFirst } from "../../../packages/console/src/state/filter.ts";

const noon = new Date(2026, 10, 20, 12).getTime();
const midnight = (day: number) => new Date(2026, 10, day).toISOString();

it("is what the address says, as the API takes it", () => {
  const query = {
    q: ["ada"],
    type: ["vip", "stranger"],
    box: ["gate-1"],
    result: ["denied"],
    from: ["2026-11-05T08:00:00Z"],
    view: ["list"],
  };
  expect(filterOf(query, noon)).toEqual({
    q: "ada",
    type: ["vip", "stranger"],
    box: ["gate-1"],
    result: ["denied"],
    from: "2026-11-05T08:00:00Z",
  });
});

it("takes words for days, so that a link to today is one tomorrow, too", () => {
  expect(filterOf({ from: ["today"] }, noon)).toEqual({ from: midnight(20) });
  expect(filterOf({ from: ["yesterday"], to: ["today"] }, noon)).toEqual({ from: midnight(19), to: midnight(20) });
  expect(filterOf({ from: ["week"] }, noon)).toEqual({ from: midnight(14) });
});

it("takes no other word for a day, also no name of an object's member", () => {
  expect(filterOf({ from: ["constructor"], to: ["toString"] }, noon)).toEqual({ from: "constructor", to: "toString" });
});

it("leaves out empty values", () => {
  expect(filterOf({ q: [], type: [] }, noon)).toEqual({});
});

it("gives the same text for the same filter, in any order", () => {
  expect(filterKey({ box: ["a"], q: ["b"], view: ["list"] })).toBe(filterKey({ q: ["b"], box: ["a"] }));
  expect(filterKey({ q: ["b"] })).not.toBe(filterKey({ q: ["c"] }));
});

it("uses the last seven days if the server needs a range, and says so in the result", () => {
  const needed = ["q", "type"];
  expect(filterOf({ q: ["ada"] }, noon, needed)).toEqual({
    q: "ada",
    from: midnight(14),
    to: new Date(noon).toISOString(),
  });
  expect(filterOf({ q: ["ada"], to: ["2026-11-05T08:00:00.000Z"] }, noon, needed)).toEqual({
    q: "ada",
    from: "2026-10-29T08:00:00.000Z",
    to: "2026-11-05T08:00:00.000Z",
  });
  expect(filterOf({ box: ["gate-1"] }, noon, needed)).toEqual({ box: ["gate-1"] });
  expect(lacksRange({ q: ["ada"] }, needed)).toBe(true);
  expect(lacksRange({ q: ["ada"], from: ["week"] }, needed)).toBe(false);
  expect(lacksRange({ q: ["ada"] }, [])).toBe(false);
});

it("takes several values of a filter, and names the filters with one value", () => {
  const query = { type: ["vip", "stranger"], device: ["a", " b "], q: ["x", "y"], from: ["today"] };
  expect(filterOf(query, noon)).toMatchObject({ type: ["vip", "stranger"], device: ["a", " b "] });
  expect(onlyFirst(query)).toEqual({ q: "x" });
  expect(onlyFirst({ from: ["today"] })).toEqual({});
});
