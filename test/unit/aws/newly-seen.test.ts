import { describe, expect, it } from "vitest";
import { newlySeen } from "../../../packages/aws/src/live/stream.ts";

describe("a change of the table tells that an event was seen", () => {
  const row = (seenAt: number, ttl = 100) => ({ pk: "seen evt_a", box: "gate-1", seenAt, ttl });
  const told = { eventId: "evt_a", box: "gate-1" };

  it("where it was not before", () => {
    expect(newlySeen({ before: undefined, after: row(1) })).toEqual(told);
    expect(newlySeen({ before: row(1), after: row(1, 200) })).toBeNull();
    expect(newlySeen({ before: row(1), after: undefined })).toBeNull();
    expect(newlySeen({ before: undefined, after: { pk: "evt_a", seenAt: 1 } })).toBeNull();
  });

  it("where it was before it expired and came again", () => {
    expect(newlySeen({ before: row(1), after: row(2) })).toEqual(told);
  });
});
