import { type Card, cardOf, cardSchema, inZone, patternOf } from "@gatepost/core/cards";
import { compile } from "@gatepost/event-pattern";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const text = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
const gates = fc.option(
  fc.oneof(
    fc.record({ site: fc.oneof(text, fc.constant("default")) }),
    fc.record({ box: text }),
    fc.record({ box: text, device: text }),
  ),
);
const times = fc.oneof(
  fc.constant({ from: null, to: null }),
  fc.tuple(time, time).map(([from, to]) => (from === to ? { from: null, to: null } : { from, to })),
);
const zone = fc.constantFrom("UTC", "Asia/Shanghai", "Europe/Berlin", "+08:00");
const hours = fc.record({
  times,
  weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
  zone,
});
const around = fc
  .record({ gates, hours })
  .map(({ gates: place, hours: { times: both, ...rest } }) => ({ gates: place, ...both, ...rest }));
const sent = fc.oneof(
  fc.tuple(fc.constantFrom("blacklist", "strangers", "everything"), around).map(([kind, rest]) => ({ kind, ...rest })),
  fc.tuple(text, around).map(([who, rest]) => ({ kind: "person", who, ...rest })),
  fc
    .tuple(fc.subarray(["1001", "1002"], { minLength: 1 }), around)
    .map(([wants, rest]) => ({ kind: "requests", wants, ...rest })),
  fc.tuple(fc.constantFrom("silence", "visitors"), gates).map(([kind, place]) => ({ kind, gates: place })),
  fc.constant({ kind: "targets", gates: null }),
);
const card: fc.Arbitrary<Card> = sent.map((one) => inZone(cardSchema.parse(one), "UTC"));

describe("a card", () => {
  it("makes a valid pattern that makes the same card", () => {
    fc.assert(
      fc.property(card, (one) => {
        const pattern = patternOf(one);
        compile(pattern);
        expect(cardOf(JSON.parse(JSON.stringify(pattern)))).toEqual(one);
      }),
    );
  });

  it("makes the pattern of strangers at night", () => {
    const night = { from: "22:00", to: "06:00", gates: { site: "hq" } };
    const one = inZone(cardSchema.parse({ kind: "strangers", ...night }), "Asia/Shanghai");
    expect(patternOf(one)).toEqual({
      source: ["gatepost"],
      "detail-type": ["Face Event Recorded"],
      detail: {
        event: {
          box: { site: ["hq"] },
          person: { type: ["stranger"] },
          time: [{ between: ["22:00", "06:00"], zone: "Asia/Shanghai" }],
        },
      },
    });
  });

  it("makes the patterns of visitors and of targets", () => {
    const visitors = cardSchema.parse({ kind: "visitors", gates: { box: "gate-1", device: "7" } });
    const device = { $or: [{ id: ["7"] }, { endpoint: ["7"] }, { ip: ["7"] }] };
    expect(patternOf(inZone(visitors, "UTC"))).toEqual({
      source: ["gatepost"],
      "detail-type": ["Visitor Arrived"],
      detail: { box: { id: ["gate-1"] }, device },
    });
    expect(patternOf(inZone(cardSchema.parse({ kind: "targets" }), "UTC"))).toEqual({
      source: ["gatepost"],
      "detail-type": ["Target Failing", "Target Recovered"],
    });
  });

  it("is found in patterns without a source, as people write them", () => {
    expect(cardOf({ detail: { want_action: ["1001"] } })).toMatchObject({ kind: "requests", wants: ["1001"] });
    expect(cardOf({ "detail-type": ["Box Silent", "Box Recovered"] })).toEqual({ kind: "silence", gates: null });
  });

  it.each([
    ["another condition", { detail: { want_action: ["1001"], late: [false] } }],
    ["two persons", { "detail-type": ["Face Event Recorded"], detail: { event: { person: { id: ["1", "2"] } } } }],
    ["another source", { source: ["other"], "detail-type": ["Face Event Recorded"] }],
    ["only silence", { "detail-type": ["Box Silent"] }],
    ["only failures", { "detail-type": ["Target Failing"] }],
    ["a certain target", { "detail-type": ["Target Failing", "Target Recovered"], detail: { rule: ["door"] } }],
    ["a certain host", { "detail-type": ["Visitor Arrived"], detail: { visit: { host: ["李静"] } } }],
    ["everything of the bus", { source: ["gatepost"] }],
    ["no object", "x"],
    ["nothing", null],
    ["a list", []],
    ["deep lists", JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`)],
  ])("is not found in a pattern with %s", (_, pattern) => {
    expect(cardOf(pattern)).toBeNull();
  });

  it.each([
    ["an hour that is none", { kind: "strangers", from: "25:00", to: "06:00" }],
    ["one end", { kind: "strangers", from: "22:00" }],
    ["equal ends", { kind: "strangers", from: "22:00", to: "22:00" }],
    ["a day twice", { kind: "strangers", weekdays: [1, 1] }],
    ["no day", { kind: "strangers", weekdays: [] }],
    ["a zone that is none", { kind: "strangers", zone: "Mars/Olympus" }],
    ["nobody", { kind: "person" }],
    ["an empty id", { kind: "person", who: "" }],
    ["an unknown kind", { kind: "own" }],
    ["hours of visitors", { kind: "visitors", from: "22:00", to: "06:00" }],
    ["a place of targets", { kind: "targets", gates: { box: "gate-1" } }],
    ["hours of a silence", { kind: "silence", from: "22:00", to: "06:00" }],
    ["a device without a box", { kind: "silence", gates: { device: "1" } }],
    ["an unknown member", { kind: "blacklist", colour: "red" }],
  ])("is refused with %s", (_, one) => {
    expect(cardSchema.safeParse(one).success).toBe(false);
  });
});
