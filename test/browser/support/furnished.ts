import type { Client } from "@gatepost/client";
import type { Office } from "./office.ts";
import { report } from "./report.ts";
import type { Ids } from "./states.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const shanghaiMs = 8 * 60 * minuteMs;
const [wayIn, wayOut] = ["BOX1__10.0.0.2", "BOX1__10.0.0.3"];

/** It fits nowhere, and has no blank at which it could be broken. */
const longName = "Aleksandra-Wilhelmina-Konstantinopolitańczykiewiczowa";

/**
 * Gives an office a site with gates, people, hours, schedules, a view and an evacuation list, and resolves with the ids
 * of the pages that are about one thing.
 */
export async function furnish(office: Office): Promise<Ids> {
  const { api } = office;
  await nameSite(office);
  const monday = mondayBefore(office.now());
  for (const person of people) await weekOf(office, person, monday);
  await peopleNow(office);
  await nameGates(office);
  await planWeek(office, monday);
  const name = "Strangers at the gates of the head office at night";
  await api.ask("POST /v1/views", { body: { name, address: "#/events?type=stranger", isForEverybody: true } });
  return { ...(await idsOf(office)), day: monday };
}

async function nameSite({ api, boxes }: Office): Promise<void> {
  const body = { name: "HQ", place: "Shanghai", zone: "Asia/Shanghai", sharesPeople: true };
  await api.ask("PUT /v1/sites/{id}", { path: { id: "hq" }, body });
  for (const { name } of boxes.slice(0, 2)) {
    await api.ask("PATCH /v1/boxes/{id}", { path: { id: name }, body: { site: "hq" } });
  }
}

/** The Monday of the week before, by the clocks of the site, as `2026-11-16`. */
function mondayBefore(now: number): string {
  const here = new Date(now + shanghaiMs);
  const weekday = (here.getUTCDay() + 6) % 7;
  return new Date(here.getTime() - (weekday + 7) * dayMs).toISOString().slice(0, 10);
}

interface Colleague {
  id: string;
  name: string;
  group?: string;
  /** Hours of the day, by the day of the week from 0. The first time is a way in, the next one a way out. */
  times: Readonly<Record<number, readonly number[]>>;
}

/** Late and early, over midnight, without a last out, corrected; and more people than a sheet draws at once. */
const people: readonly Colleague[] = [
  { id: "18", name: longName, times: { 0: [9.2, 16.03], 2: [8, 17.5] } },
  { id: "42", name: "陈洋", times: { 0: [8.9, 17.6], 1: [8.17, 17.68], 2: [7.97] } },
  { id: "17", name: "Joseph Eze", group: "Night", times: { 0: [21.87, 30.13] } },
  { id: "19", name: "Rosa Silva", times: { 0: [8.35, 17.55], 3: [8.33, 12.02, 12.67, 16.8] } },
  ...Array.from({ length: 70 }, (_, n) => ({
    id: `${100 + n}`,
    name: `Wang ${n}`,
    times: { 0: [8 + n / 60, ...(n % 7 === 0 ? [] : [17 + n / 60])] },
  })),
];

async function weekOf(office: Office, { id, name, group = "Office", times }: Colleague, monday: string): Promise<void> {
  for (const [day, ofDay] of Object.entries(times)) {
    for (const [n, hour] of ofDay.entries()) {
      const timestamp = Date.parse(`${monday}T00:00:00+08:00`) + Number(day) * dayMs + Math.round(hour * 60) * minuteMs;
      const ext_data = { ep_id: n % 2 === 0 ? wayIn : wayOut };
      await report(office, { identity_id: id, identity_name: name, group_name: group, timestamp, ext_data });
    }
  }
}

/** Some are inside, one since yesterday; of strangers it is known about. */
async function peopleNow(office: Office): Promise<void> {
  const passings = [
    { id: "42", name: "陈洋", type: 1, ago: 30 * 60 },
    { id: "18", name: longName, type: 1, ago: 3 },
    { id: "19", name: "Rosa Silva", type: 5, ago: 2 },
    { id: "20", name: "Kwame Mensah", type: 2, ago: 1 },
    ...[1, 2, 3].map((n) => ({ id: `9${n}.0`, name: "", type: 4, ago: n / 60 })),
  ];
  for (const { id, name, type, ago } of passings) {
    const ext_data = { ep_id: id === "93.0" ? wayOut : wayIn, person_type: type };
    const timestamp = office.now() - ago * minuteMs;
    await report(office, { identity_id: id, identity_name: name, group_name: "Office", timestamp, ext_data });
  }
}

async function nameGates({ api }: Office): Promise<void> {
  const { devices } = await api.ask("GET /v1/boxes/{id}", { path: { id: "gate-1" } });
  const gates = { [`${wayIn}`]: ["Gate S1", "in"], [`${wayOut}`]: ["Gate S3", "out"] } as const;
  for (const { id, key } of devices) {
    const [label, direction] = gates[id] ?? [];
    if (label === undefined || direction === undefined) continue;
    await api.ask("PATCH /v1/devices/{id}", { path: { id: key }, body: { label, direction } });
  }
}

async function planWeek({ api }: Office, monday: string): Promise<void> {
  const usual = { site: "hq", lateAfter: 10, earlyBefore: 0, weekdays: [1, 2, 3, 4, 5], validFrom: monday };
  const day = { name: "Office", groups: ["Office"], start: "08:30", end: "17:30" };
  const breaks = [
    { from: "12:00", to: "13:00" },
    { minutes: 15, after: 540 },
  ];
  const night = { name: "Night", groups: ["Night"], start: "22:00", end: "06:00" };
  await api.ask("PUT /v1/schedules/{id}", {
    path: { id: "sch_office" },
    body: { ...usual, ...day, inWindow: ["05:00", "12:00"], outWindow: ["12:00", "05:00"], breaks },
  });
  await api.ask("PUT /v1/schedules/{id}", {
    path: { id: "sch_night" },
    body: {
      ...usual,
      ...night,
      inWindow: ["18:00", "02:00"],
      outWindow: ["02:00", "12:00"],
      night: { from: "22:00", to: "06:00" },
    },
  });
  const reason = "The gate was open for a delivery";
  const times = { kind: "times", in: Date.parse(`${monday}T08:10:00+08:00`) } as const;
  await api.ask("POST /v1/hours/corrections", { body: { library: "~hq", id: "19", day: monday, reason, ...times } });
  const leaveAt = Date.parse(`${monday}T13:00:00+08:00`);
  const leave = { kind: "leave", from: leaveAt, to: leaveAt + 240 * minuteMs } as const;
  await api.ask("POST /v1/hours/corrections", { body: { library: "~hq", id: "42", day: monday, reason, ...leave } });
}

/** An event with both faces, and with a request if there is one. */
export async function anEvent(api: Client): Promise<string> {
  const { events } = await api.events({ action: "1002", limit: 20 });
  const { id } = events.find(({ pictures }) => pictures.face && pictures.registered) ?? events[0] ?? { id: "" };
  return id;
}

async function idsOf({ api }: Office): Promise<Omit<Ids, "day">> {
  const first = async (query: object) => (await api.events({ ...query, limit: 1 })).events[0]?.id ?? "";
  const roll = await api.ask("POST /v1/rolls", { body: { site: "hq", isDrill: true } });
  const made = await api.ask("POST /v1/accounts", { body: { email: "new.colleague@example.com", role: "guard" } });
  return {
    event: await anEvent(api),
    stranger: await first({ box: "gate-1", type: "stranger" }),
    person: "~hq/42",
    roll: roll.id,
    invitation: made.invitation.token,
  };
}
