import {
  boxHeard,
  busEntryBytes,
  busSchemas,
  eventIdOf,
  eventRecorded,
  type ShownBox,
  targetHeard,
  unknownActionRequested,
} from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { realtime, received, understood } from "../../support/reports.ts";

const about = {
  model: null,
  firmware: null,
  name: null,
  ip: null,
  serial: null,
  alternatingSerials: [],
  via: null,
  temperature: null,
  diskFreeBytes: null,
  memoryRate: null,
};
const box: ShownBox = {
  id: "gate-1",
  name: null,
  site: null,
  zone: null,
  state: "silent",
  since: null,
  firstSeen: null,
  lastSeen: null,
  kinds: [],
  devices: [],
  silence: { afterMs: 600_000, usualMs: null, isOverride: false, isExpected: false },
  rhythm: null,
  clock: { skewMs: null },
  flagged: { rate: null },
  refused: null,
  unexpectedPaths: [],
  about,
};
const heard = (type: "silent" | "recovered", device: string | null = null, at = received) =>
  boxHeard(type, { box, device, since: received - 1000, at });

describe("an entry about a box", () => {
  it.each([
    ["silent", "Box Silent"],
    ["recovered", "Box Recovered"],
  ] as const)("has for %s the type %s, and matches its schema", (type, detailType) => {
    const entry = heard(type);
    expect(entry).toMatchObject({ source: "gatepost", detailType, time: "2026-03-01T12:00:02.000Z" });
    expect(entry.detail).toEqual({ box, device: null, since: "2026-03-01T12:00:01.000Z" });
    expect(busSchemas[detailType].safeParse(entry.detail).error).toBeUndefined();
  });

  it.each(["Target Failing", "Target Recovered"] as const)("says once of a failure: %s", (detailType) => {
    const detail = { rule: "desk", since: "2026-03-01T12:00:00.000Z", tries: 3, reason: "500", waiting: 2 };
    const entry = targetHeard(detailType, { ...detail, at: received });
    expect(entry).toMatchObject({ source: "gatepost", detailType, detail, time: "2026-03-01T12:00:02.000Z" });
    expect(busSchemas[detailType].safeParse(entry.detail).error).toBeUndefined();
    expect(targetHeard(detailType, { ...detail, at: received + 1000 }).id).toBe(entry.id);
  });

  it("names the unknown action that the box wants, under one id", () => {
    const asked = { box, wantAction: "1003", dialect: "history-v6", since: received } as const;
    const entry = unknownActionRequested({ ...asked, at: received });
    const { since: _, ...facts } = asked;
    expect(entry.detail).toEqual({ ...facts, device: null, since: "2026-03-01T12:00:02.000Z" });
    expect(busSchemas["Unknown Action Requested"].safeParse(entry.detail).error).toBeUndefined();
    expect(unknownActionRequested({ ...asked, at: received + 5 }).id).toBe(entry.id);
  });

  it("has one id at any time, and another for each device and each kind", () => {
    expect(heard("silent", null, received + 5).id).toBe(heard("silent").id);
    expect(new Set([heard("silent"), heard("recovered"), heard("silent", "10.0.0.7")].map(({ id }) => id)).size).toBe(
      3,
    );
  });

  it("keeps the devices that fit: its own device first, then those with reports", () => {
    const said = {
      name: "门".repeat(100),
      ip: null,
      type: null,
      label: null,
      direction: null,
      directionSet: null,
      directionSaid: null,
      directionsSent: [],
      counts: true as const,
      isOnline: true as const,
      since: null,
    };
    const devices = Array.from({ length: 2000 }, (_, n) => ({
      id: `10.0.${n >> 8}.${n & 255}`,
      key: `dev_${n}`.padEnd(30, "x"),
      ...said,
      state: "reports" as const,
      lastSeen: n % 10 === 0 ? "2026-03-01T12:00:00.000Z" : null,
    }));
    const about = devices.at(-1)?.id ?? "";
    const { detail } = boxHeard("silent", { box: { ...box, devices }, device: about, since: received, at: received });
    const kept = detail.box.devices;
    expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(busEntryBytes - 1024);
    expect(Buffer.byteLength(JSON.stringify(detail))).toBeGreaterThan(busEntryBytes - 4096);
    expect(kept.filter(({ lastSeen }) => lastSeen !== null)).toHaveLength(200);
    expect(kept.at(-1)?.id).toBe(about);
    expect(kept).toEqual(devices.filter((device) => kept.includes(device)));
    expect(heard("silent").detail.box).toEqual(box);
  });

  it("is about no event, as others are", () => {
    expect(eventIdOf(heard("silent"))).toBeNull();
    const { report } = understood(realtime());
    const stored = { id: "evt_1", box: "gate-1", isSecondFace: false, reports: [report], actions: [] };
    const addressOf = () => ({ bucket: null, key: "" });
    expect(eventIdOf(eventRecorded(stored, { addressOf, now: received }))).toBe("evt_1");
  });
});
