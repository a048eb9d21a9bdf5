import {
  activityOf,
  type BoxRecord,
  deviceKey,
  fitRecord,
  LocalHours,
  newRecord,
  noted,
  withSettings,
} from "@gatepost/core/boxes";
import { expect, it } from "vitest";
import { always, day, hour, noon } from "./support.ts";

const hours = new LocalHours("UTC");
const context = { hours, reception: always, now: noon };

const bytesOf = (record: BoxRecord) => Buffer.byteLength(JSON.stringify(record));

/** A record of devices that were heard one after the other. */
function recordOf(count: number, text: (n: number) => string): BoxRecord {
  let record = newRecord("gate-1");
  for (let n = 0; n < count; n += 1) {
    const device = { id: `${n}${text(n)}`, endpoint: null, name: text(n), ip: `${n}${text(n)}`, type: null };
    const sign = { box: "gate-1", kind: "status" as const, receivedAt: noon + n * 1000, devices: [device] };
    record = noted(record, activityOf(sign, hours), context);
  }
  return record;
}

it("a record of two hundred devices with ordinary names stays as it is", () => {
  const record = recordOf(200, (n) => `AKOPKKKKK__192.168.1.${n}`);
  expect(Object.keys(record.devices)).toHaveLength(200);
  expect(fitRecord(record)).toBe(record);
});

it("a record that is too large loses the devices with the oldest signs", () => {
  const record = recordOf(200, () => "\u0001".repeat(120));
  const fitting = fitRecord(record);
  expect(bytesOf(record)).toBeGreaterThan(400_000);
  expect(bytesOf(fitting)).toBeLessThanOrEqual(128 * 1024);
  const kept = Object.keys(fitting.devices);
  expect(kept).toEqual(Object.keys(record.devices).slice(-kept.length));
  expect(Object.keys(fitting.activity?.devices ?? {})).toEqual(kept);
  expect(kept.length).toBeGreaterThan(30);
});

it("a record that is too large keeps the settings by a person", () => {
  const known = recordOf(200, () => "\u0001".repeat(120));
  let record: BoxRecord = { ...known, name: "门".repeat(64) };
  for (let n = 0; n < 250; n += 1) {
    const device = {
      key: deviceKey("gate-1", `${n}`),
      label: "门".repeat(64),
      direction: "both" as const,
      counts: false,
    };
    record = withSettings(record, { device }, noon);
  }
  const fitting = fitRecord(record);
  expect(bytesOf(fitting)).toBeLessThanOrEqual(128 * 1024);
  expect(fitting.deviceSettings).toEqual(record.deviceSettings);
  expect(Object.keys(fitting.deviceSettings)).toHaveLength(200);
  expect(Object.keys(fitting.deviceSettings).at(-1)).toBe(deviceKey("gate-1", "249"));
  expect(Object.keys(fitting.devices).length).toBeGreaterThan(10);
});

it("a record that is too large loses its oldest announcements", () => {
  const announcements = Array.from({ length: 3000 }, (_, n) => ({
    type: "silent" as const,
    device: `${n}`,
    since: noon - day,
    at: noon + n * hour,
  }));
  const fitting = fitRecord({ ...newRecord("gate-1"), announcements });
  expect(bytesOf(fitting)).toBeLessThanOrEqual(128 * 1024);
  expect(fitting.announcements).toEqual(announcements.slice(-fitting.announcements.length));
  expect(fitting.announcements.length).toBeGreaterThan(400);
});
