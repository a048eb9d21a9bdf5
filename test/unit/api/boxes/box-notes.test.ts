import { activityOf, type BoxActivity, BoxNotes, type BoxSign, joined, LocalHours, summed } from "@gatepost/core/boxes";
import fc from "fast-check";
import { expect, it } from "vitest";
import { rounds } from "../../../support/seeded.ts";
import { day, hour, minute, noon, reported } from "./support.ts";

const hours = new LocalHours("Asia/Shanghai");

const device = fc.record(
  {
    id: fc.constantFrom("10.0.0.1", "10.0.0.2", "door", "__proto__", "constructor"),
    endpoint: fc.constantFrom("door", "constructor", "10.0.0.1", null),
    name: fc.constantFrom(null, "north", "south"),
    ip: fc.constantFrom(null, "10.0.0.1", "10.0.0.2"),
    type: fc.constantFrom(null, "turnstile" as const),
    direction: fc.constantFrom("in" as const, "out" as const),
  },
  { requiredKeys: ["id", "endpoint", "name", "ip", "type"] },
);
const at = fc.tuple(fc.constantFrom(1, minute, hour, day), fc.integer({ min: -1, max: 9 })).map(([of, n]) => of * n);
const sign = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("history" as const, "realtime" as const, "backfill" as const),
      lagMs: fc.option(fc.integer({ min: -5000, max: 2 * hour })),
      isFlagged: fc.boolean(),
      device: fc.option(device),
      at,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("refused" as const), status: fc.constant(413), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unread" as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("status" as const), devices: fc.array(device, { maxLength: 2 }), at }),
  },
);
/** Most come in the order of their times. */
const signs = fc.array(fc.record({ one: sign, isBehind: fc.boolean() }), { maxLength: 30 }).map((drawn) => {
  let now = noon;
  return drawn.map(({ one: { at, ...one }, isBehind }): BoxSign => {
    if (!isBehind) now += Math.abs(at) % (8 * hour);
    const receivedAt = isBehind ? noon + at : now;
    if (!("lagMs" in one)) return { box: "gate-1", receivedAt, ...one };
    const { lagMs, ...rest } = one;
    return reported(receivedAt, { ...rest, sentAt: lagMs === null ? null : receivedAt - lagMs });
  });
});

it("signs added in place equal the joined sums of each, in the same order", () => {
  const joinedOf = (all: readonly BoxSign[]) =>
    all
      .map((one) => activityOf(one, hours))
      .reduce<BoxActivity | undefined>((sum, one) => (sum === undefined ? one : joined(sum, one, hours)), undefined);
  const same = fc.property(signs, (all) => {
    const sum = summed(all, hours).get("gate-1");
    expect(JSON.stringify(sum)).toBe(JSON.stringify(joinedOf(all)));
    expect(sum).toEqual(joinedOf(all));
  });
  fc.assert(same, { numRuns: rounds(500) });
});

it("a read sum of a box does not change with the next sign", async () => {
  const boxes = { noteSums: async () => new Map() };
  const notes = new BoxNotes({ boxes, hours, clock: () => noon });
  const door = { id: "door", endpoint: null, name: null, ip: null, type: null };
  notes.add([reported(noon, { device: door })]);
  const [before, then] = [notes.of("gate-1"), structuredClone(notes.of("gate-1"))];
  notes.add([reported(noon + minute, { device: door, isFlagged: true })]);
  expect(before).toEqual(then);
  expect(notes.of("gate-1")?.devices["door"]?.last).toBe(noon + minute);
  expect(notes.of("gate-1")?.days[hours.dayOf(noon)]).toEqual({ reports: 2, flagged: 1, refused: {} });
  expect(notes.of("gate-2")).toBeNull();
});
