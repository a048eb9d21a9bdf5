import { beforeEach, describe, expect, it } from "vitest";
import { passing, runtime, type TestRuntime, told } from "./support.ts";

const everyDay = { lateAfter: 0, earlyBefore: 0, weekdays: [1, 2, 3, 4, 5, 6, 7], breaks: [], validFrom: "2025-01-01" };
const night = {
  ...everyDay,
  name: "Night",
  groups: ["Night"],
  start: "22:00",
  end: "06:00",
  inWindow: ["18:00", "02:00"] as const,
  outWindow: ["02:00", "12:00"] as const,
  night: { from: "22:00", to: "06:00" },
};
const early = {
  ...everyDay,
  name: "Early",
  groups: ["Early"],
  start: "06:00",
  end: "14:00",
  inWindow: ["04:00", "10:00"] as const,
  outWindow: ["12:00", "23:00"] as const,
};
/** It starts at a time that clocks skip in spring. */
const skipped = { ...early, start: "02:30", end: "10:30", inWindow: ["00:00", "06:00"] as const };
const whole = {
  ...everyDay,
  name: "Whole",
  groups: ["Whole"],
  start: "08:00",
  end: "08:00",
  inWindow: ["06:00", "10:00"] as const,
  outWindow: ["06:00", "10:00"] as const,
};
const atTwo = { ...night, breaks: [{ from: "02:00", to: "02:30" }] };

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
});

async function passAt(time: string): Promise<void> {
  deps.ingest.now = Date.parse(time);
  const facts = { identity_id: "1", identity_name: "P1", group_name: "Office", timestamp: deps.ingest.now };
  await deps.deliver(passing(facts), { receivedAt: deps.ingest.now });
}

describe("hours of a rostered shift while clocks change", () => {
  it.each<[string, string, object, [string, string], object]>([
    [
      "Europe/Berlin",
      "2026-03-28",
      night,
      ["2026-03-28T21:55+01:00", "2026-03-29T06:05+02:00"],
      { minutes: 430, nightMinutes: 420 },
    ],
    [
      "Europe/Berlin",
      "2026-10-24",
      night,
      ["2026-10-24T21:55+02:00", "2026-10-25T06:05+01:00"],
      { minutes: 550, nightMinutes: 540 },
    ],
    [
      "Europe/Berlin",
      "2026-03-28",
      atTwo,
      ["2026-03-28T21:55+01:00", "2026-03-29T06:05+02:00"],
      { minutes: 400, nightMinutes: 390, break: 30 },
    ],
    [
      "Europe/Berlin",
      "2026-10-24",
      atTwo,
      ["2026-10-24T21:55+02:00", "2026-10-25T06:05+01:00"],
      { minutes: 520, nightMinutes: 510, break: 30 },
    ],
    ["Europe/Berlin", "2026-10-24", whole, ["2026-10-24T07:55+02:00", "2026-10-25T08:05+01:00"], { minutes: 1510 }],
    [
      "Europe/Berlin",
      "2026-03-29",
      early,
      ["2026-03-29T06:30+02:00", "2026-03-29T14:00+02:00"],
      { minutes: 450, late: 30 },
    ],
    ["Europe/Berlin", "2026-03-29", skipped, ["2026-03-29T03:20+02:00", "2026-03-29T13:00+02:00"], { minutes: 580 }],
    [
      "America/Santiago",
      "2026-09-05",
      night,
      ["2026-09-05T22:00-04:00", "2026-09-06T06:00-03:00"],
      { minutes: 420, nightMinutes: 420 },
    ],
    [
      "America/Santiago",
      "2026-04-04",
      night,
      ["2026-04-04T22:00-03:00", "2026-04-05T06:00-04:00"],
      { minutes: 540, nightMinutes: 540 },
    ],
    ["America/Santiago", "2026-09-06", early, ["2026-09-06T06:00-03:00", "2026-09-06T14:00-03:00"], { minutes: 480 }],
  ])("in %s on %s", async (zone, day, shift, [came, left], expected) => {
    await deps.deps.sites.put("hq", { zone });
    await deps.deps.schedules.put("hq", { id: "sch_a", ...(shift as typeof night) });
    deps.ingest.now = Date.parse(`${day}T00:00:00Z`);
    const days = [{ library: "gate-1", id: "1", day, schedule: "sch_a" }];
    const path = `/v1/rosters/hq/${day.slice(0, 7)}`;
    expect((await told(deps, path, { method: "PATCH", body: JSON.stringify({ days }) })).status).toBe(200);
    await passAt(came);
    await passAt(left);
    deps.ingest.now += 24 * 3_600_000;
    const counted = { state: "worked", break: 0, late: 0, early: 0, flags: ["roster"], ...expected };
    const { body } = await told(deps, `/v1/hours?site=hq&from=${day}&to=${day}`);
    expect(body.people[0].days).toMatchObject([counted]);
    expect((await told(deps, `/v1/hours/gate-1/1/${day}`)).body.counted).toMatchObject(counted);
  });
});
