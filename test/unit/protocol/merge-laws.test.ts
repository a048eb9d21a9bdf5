import { type EventAction, eventSchema, merge, type Report } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAction, anyReport } from "../../support/arbitraries.ts";
import { rounds } from "../../support/seeded.ts";

const eventOf = (reports: readonly Report[], actions: readonly EventAction[] = [], isSecondFace = false) =>
  merge({ id: "evt_1", box: "gate-1", isSecondFace, reports, actions });

const anyReports = fc.array(anyReport, { minLength: 1, maxLength: 7 });
const shuffled = <Item>(items: readonly Item[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
/** The reports of an event that a store keeps. */
const held = (reports: readonly Report[]) => {
  const named = new Set(eventOf(reports).reports.map(({ kind, receivedAt }) => `${kind} ${receivedAt}`));
  return reports.filter(({ kind, receivedAt }) => named.has(`${kind} ${new Date(receivedAt).toISOString()}`));
};

describe("an event", () => {
  it("is the same for any order of its reports", () => {
    fc.assert(
      fc.property(
        anyReports.chain((reports) => fc.tuple(fc.constant(reports), shuffled(reports))),
        ([reports, reordered]) => {
          expect(eventOf(reordered)).toEqual(eventOf(reports));
        },
      ),
    );
  });

  it("is the same however often its reports were repeated", () => {
    fc.assert(
      fc.property(
        anyReports.chain((reports) => fc.tuple(fc.constant(reports), fc.array(fc.constantFrom(...reports)))),
        ([reports, repeated]) => {
          expect(eventOf([...repeated, ...reports])).toEqual(eventOf(reports));
        },
      ),
    );
  });

  it("is the same however its reports were grouped on their way", () => {
    fc.assert(
      fc.property(anyReports, anyReports, (some, others) => {
        expect(eventOf([...held(some), ...held(others)])).toEqual(eventOf([...some, ...others]));
      }),
    );
  });

  it("is the same for any order of its stored actions", () => {
    const actions = fc.uniqueArray(anyAction, { selector: ({ wantAction }) => wantAction, maxLength: 2 });
    fc.assert(
      fc.property(anyReports, actions, (reports, held) => {
        expect(eventOf(reports, held.toReversed())).toEqual(eventOf(reports, held));
      }),
    );
  });

  it("always has every key, of a type that every reader can rely on", () => {
    fc.assert(
      fc.property(anyReports, fc.array(anyAction, { maxLength: 2 }), fc.boolean(), (reports, actions, isSecondFace) => {
        expect(eventSchema.safeParse(eventOf(reports, actions, isSecondFace)).error).toBeUndefined();
      }),
    );
  });

  it("leaves the reports it is made of as they were", () => {
    fc.assert(
      fc.property(anyReports, (reports) => {
        const before = structuredClone(reports);
        eventOf(reports);
        expect(reports).toEqual(before);
      }),
      { numRuns: rounds(30) },
    );
  });
});
