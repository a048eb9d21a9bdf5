import { describe, expect, it } from "vitest";
import { daysAway, listKey, orderOf, peopleFilterOf } from "../../../packages/console/src/people/filter.ts";

const now = Date.UTC(2026, 10, 20, 8, 41);

describe("the filter of people", () => {
  it("is taken from the address", () => {
    const query = { q: ["lf"], kind: ["vip", "visitor"], site: ["hq"], group: ["Office"], match: ["80"] };
    expect(peopleFilterOf(query, now)).toEqual({
      q: "lf",
      kind: ["vip", "visitor"],
      site: "hq",
      group: "Office",
      scoreBelow: 80,
      order: "seen",
    });
  });

  it("begins last seen today at midnight of this browser", () => {
    const date = new Date(now);
    const midnight = new Date(date.getFullYear(), date.getMonth(), date.getDate()).toISOString();
    expect(peopleFilterOf({ seen: ["today"] }, now)).toEqual({ seenAfter: midnight, order: "seen" });
  });

  it("counts days away back from now", () => {
    const query = { seen: ["away-30"], order: ["name"] };
    expect(peopleFilterOf(query, now)).toEqual({ seenBefore: "2026-10-21T08:41:00.000Z", order: "name" });
  });

  it.each([
    ["away-7", 7],
    ["away-", null],
    ["away-99999", null],
    ["today", null],
    [undefined, null],
  ])("reads %s as %s days", (seen, days) => {
    expect(daysAway(seen)).toBe(days);
  });

  it("has the usual order for an unknown one", () => {
    expect(orderOf({ order: ["size"] })).toBe("seen");
  });

  it("has one key for one list", () => {
    expect(listKey({ kind: ["vip"], q: ["a"], tab: ["x"] })).toBe(
      listKey({ q: ["a"], kind: ["vip"], order: ["seen"] }),
    );
    expect(listKey({ q: ["a"] })).not.toBe(listKey({ q: ["a"], order: ["name"] }));
  });
});
