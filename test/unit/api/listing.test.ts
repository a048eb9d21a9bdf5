import { type EventFilter, matches } from "@gatepost/core/events";
import { merge } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { noon, report, upsert } from "../../contract/samples.ts";

const event = merge({
  id: upsert("a").eventId,
  box: "gate-1",
  isSecondFace: false,
  reports: [
    report({
      serial: "AKO",
      device: { id: "cam-1", endpoint: "AKO__10.0.0.9", ip: "10.0.0.7", name: "North Gate" },
      wantAction: "1001",
      flags: ["odd"],
    }),
  ],
  actions: [],
});
const stranger = merge({
  id: upsert("b").eventId,
  box: "gate-1",
  isSecondFace: false,
  actions: [],
  reports: [report({ person: { id: "16026", type: "stranger" } })],
});

describe("an event matches the filter", () => {
  const asked: EventFilter[] = [
    {},
    { from: noon },
    { to: noon + 1 },
    { box: "gate-1" },
    { device: "cam-1" },
    { device: "AKO__10.0.0.9" },
    { device: "10.0.0.7" },
    { person: "666666" },
    { type: "vip" },
    { action: "1001" },
    { flag: "odd" },
    ...["小", "666", "north GATE", "cam-", "ako__", "0.0.7", "gate-1", "ako"].map((q) => ({ q })),
    { from: noon, to: noon + 1, box: "gate-1", q: "小明" },
  ];
  it.each(asked)("by %j", (filter) => {
    expect(matches(event, filter)).toBe(true);
  });
});

describe("an event does not match the filter", () => {
  const asked: EventFilter[] = [
    { from: noon + 1 },
    { to: noon },
    { box: "gate" },
    { device: "cam" },
    { person: "66666" },
    { type: "stranger" },
    { action: "1002" },
    { flag: "od" },
    ...["nobody", "小明\n666666", "\n"].map((q) => ({ q })),
    { box: "gate-1", q: "nobody" },
  ];
  it.each(asked)("by %j", (filter) => {
    expect(matches(event, filter)).toBe(false);
  });

  it("an id of a stranger matches no event, because it is new each time", () => {
    expect(matches(stranger, { person: "16026" })).toBe(false);
    expect(matches(stranger, { q: "16026" })).toBe(false);
  });
});
