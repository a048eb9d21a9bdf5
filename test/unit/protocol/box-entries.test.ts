import { boxHeard, busSchemas, eventIdOf, eventRecorded, type ShownBox } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { realtime, received, understood } from "../../support/reports.ts";

const about = {
  ...{ model: null, firmware: null, name: null, ip: null, serial: null, via: null },
  ...{ temperature: null, diskFreeBytes: null, memoryRate: null },
};
const box: ShownBox = {
  ...{
    id: "gate-1",
    site: null,
    state: "silent",
    since: null,
    firstSeen: null,
    lastSeen: null,
    kinds: [],
    devices: [],
  },
  silence: { afterMs: 600_000, usualMs: null, isOverride: false, isExpected: false },
  ...{ rhythm: null, clock: { skewMs: null }, flagged: { rate: null }, refused: null, about },
};
const heard = (type: "silent" | "recovered", device: string | null = null, at = received) =>
  boxHeard(type, { box, device, since: received - 1000, at });

describe("an entry about a box", () => {
  it.each([
    ["silent", "Box Silent"],
    ["recovered", "Box Recovered"],
  ] as const)("that is %s is of type %s, and as its schema says", (type, detailType) => {
    const entry = heard(type);
    expect(entry).toMatchObject({ source: "gatepost", detailType, time: "2026-03-01T12:00:02.000Z" });
    expect(entry.detail).toEqual({ box, device: null, since: "2026-03-01T12:00:01.000Z" });
    expect(busSchemas[detailType].safeParse(entry.detail).error).toBeUndefined();
  });

  it("has one id, whenever it is put, and another for each device and for what is said", () => {
    expect(heard("silent", null, received + 5).id).toBe(heard("silent").id);
    expect(new Set([heard("silent"), heard("recovered"), heard("silent", "10.0.0.7")].map(({ id }) => id)).size).toBe(
      3,
    );
  });

  it("is about no event, as others are", () => {
    expect(eventIdOf(heard("silent"))).toBeNull();
    const { report } = understood(realtime());
    const stored = { id: "evt_1", box: "gate-1", isSecondFace: false, reports: [report], actions: [] };
    const addressOf = () => ({ bucket: null, key: "" });
    expect(eventIdOf(eventRecorded(stored, { addressOf, now: received }))).toBe("evt_1");
  });
});
