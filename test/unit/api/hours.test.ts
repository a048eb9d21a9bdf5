import { all } from "@gatepost/store";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { hoursColumns, hoursRows } from "../../../packages/api/src/hours/table.ts";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.sites.put("hq", { zone: "Asia/Shanghai" });
  await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
});

/** A passing at a time of a day of November, as clocks of the site show it. */
async function pass(id: string, time: string, { group = "Office", receivedAt = 0 } = {}) {
  const timestamp = at(time);
  const extData = { ep_id: "BOX1__10.0.0.7", device_ip: "10.0.0.7" };
  const body = passing({ identity_id: id, identity_name: `P${id}`, group_name: group, timestamp, extData });
  await deps.deliver(body, { receivedAt: Math.max(timestamp, receivedAt) + 500 });
}

const at = (time: string) => Date.parse(`2026-11-${time.replace(" ", "T")}:00+08:00`);

const office = {
  site: "hq",
  name: "Office",
  groups: ["Office"],
  start: "09:00",
  end: "18:00",
  lateAfter: 10,
  earlyBefore: 5,
  weekdays: [1, 2, 3, 4, 5],
  inWindow: ["05:00", "12:00"],
  outWindow: ["12:00", "05:00"],
  validFrom: "2026-10-01",
};

type Day = { day: string; state: string; late: number; minutes: number | null; flags: string[]; isCorrected: boolean };
interface Sheet {
  people: { id: string; days: Day[]; minutes: number }[];
  groups: { group: string; people: number; minutes: number; late: number; absent: number }[];
  sum: Record<string, number>;
  closed: { by: { name: string } } | null;
  isPart: boolean;
  wouldHaveChanged: { id: string; day: string }[];
  next: string | null;
}

async function ask(path: string, asking: Parameters<TestRuntime["ask"]>[1] = {}) {
  const answer = await deps.ask(path, asking);
  const text = await answer.text();
  return {
    status: answer.status,
    body: (text === "" ? {} : JSON.parse(text)) as { code?: string; id: string; cells: number; counted: object },
  };
}

const send = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
  ask(path, { method, body: JSON.stringify(body), headers });

async function hours(query: Record<string, string> = {}, as: Parameters<TestRuntime["ask"]>[1] = {}): Promise<Sheet> {
  const asked = { site: "hq", from: "2026-11-02", to: "2026-11-05", ...query };
  return (await (await deps.ask(`/v1/hours?${new URLSearchParams(asked)}`, as)).json()) as Sheet;
}

const putSchedule = (changes: object = {}, id = "sch_office") =>
  send("PUT", `/v1/schedules/${id}`, { ...office, ...changes });

const statesOf = async (id: string, query: Record<string, string> = {}) =>
  (await hours(query)).people.find((person) => person.id === id)?.days.map(({ state }) => state);

describe("GET /v1/hours", () => {
  it("counts the days of each person by schedule", async () => {
    await putSchedule();
    for (const [first, last] of [
      ["02 08:54", "02 18:10"],
      ["03 09:24", "03 17:30"],
    ] as const) {
      await pass("1", first);
      await pass("1", last);
    }
    await pass("1", "04 09:00");
    await pass("2", "02 10:00", { group: "Guests" });
    const sheet = await hours();
    expect(sheet.people.map(({ id, minutes }) => [id, minutes])).toEqual([
      ["1", 556 + 486],
      ["2", 0],
    ]);
    expect(sheet.people[0]?.days).toMatchObject([
      { day: "2026-11-02", state: "worked", minutes: 556, late: 0, early: 0 },
      { day: "2026-11-03", state: "worked", minutes: 486, late: 24, early: 30 },
      { day: "2026-11-04", state: "open", minutes: null },
      { day: "2026-11-05", state: "none" },
    ]);
    expect(sheet.sum).toEqual({ people: 2, minutes: 1042, nightMinutes: 0, late: 1, absent: 0, open: 2, corrected: 0 });
    expect([sheet.closed, sheet.wouldHaveChanged, sheet.next]).toEqual([null, [], null]);
  });

  it("has few people on a page of many days", async () => {
    for (let id = 100; id < 144; id++) await pass(`${id}`, "02 08:54");
    const year = { from: "2025-11-06", to: "2026-11-06", limit: "500" };
    const first = await hours(year);
    expect([first.people.length, first.sum["people"]]).toEqual([43, 44]);
    const rest = await hours({ ...year, cursor: first.next ?? "" });
    expect([rest.people.map(({ id }) => id), rest.next]).toEqual([["143"], null]);
  });

  it("is another one after a late report", async () => {
    await putSchedule();
    await pass("1", "03 09:00");
    expect(await statesOf("1")).toEqual(["none", "open", "absent", "none"]);
    await pass("1", "03 18:00", { receivedAt: noon });
    await pass("1", "02 08:00", { receivedAt: noon });
    expect(await statesOf("1")).toEqual(["open", "worked", "absent", "none"]);
  });

  it("has one value of a day, though the person changed the group since", async () => {
    await putSchedule({ groups: ["day"] });
    const windows = { inWindow: ["18:00", "02:00"], outWindow: ["02:00", "12:00"] };
    await putSchedule({ ...windows, name: "Night", groups: ["night"], start: "22:00", end: "06:00" }, "sch_night");
    const passOn = (day: number, time: string, group: string) => {
      const timestamp = Date.parse(`2026-10-${String(day).padStart(2, "0")}T${time}:00+08:00`);
      const body = passing({ identity_id: "1", identity_name: "P1", group_name: group, timestamp });
      return deps.deliver(body, { receivedAt: timestamp + 500 });
    };
    for (let day = 12; day <= 16; day++) {
      await passOn(day, "08:20", "day");
      await passOn(day, "18:10", "day");
      await passOn(day + 7, "21:50", "night");
      await passOn(day + 8, "06:05", "night");
    }
    const minutesOf = async (from: string, to: string) => (await hours({ from, to })).people[0]?.minutes;
    const weeks = [await minutesOf("2026-10-12", "2026-10-18"), await minutesOf("2026-10-19", "2026-10-25")];
    expect(weeks).toEqual([5 * 590, 5 * 495]);
    expect(await minutesOf("2026-10-01", "2026-10-28")).toBe(5 * (590 + 495));
    expect(await statesOf("1", { from: "2026-10-22", to: "2026-10-22" })).toEqual(["worked"]);
  });

  it("reads earlier days of people whose first day depends on them alone", async () => {
    const read = vi.spyOn(deps.deps.passings, "read");
    const readOf = async (query: Record<string, string>) => {
      read.mockClear();
      const states = await statesOf("1", query);
      // Reads from the beginning on look for the last passing before the days.
      return [states, read.mock.calls.flatMap(([{ of, from }]) => (from === 0 ? [] : [of]))];
    };
    await putSchedule();
    const month = { from: "2026-10-01", to: "2026-10-31" };
    const mornings = async (id: string, minute: string) => {
      for (const day of ["01", "02", "03", "04"]) await pass(id, `${day} 07:${minute}`);
    };
    await mornings("1", "50");
    await pass("1", "02 18:00");
    const day = { from: "2026-11-04", to: "2026-11-04" };
    expect(await readOf(day)).toEqual([["open"], ["known"]]);
    expect((await readOf(month))[1]).toEqual(["known"]);
    const windows = { inWindow: ["06:00", "10:00"], outWindow: ["06:00", "10:00"] };
    await putSchedule({ ...windows, start: "08:00", end: "08:00" });
    expect(await readOf(day)).toEqual([["absent"], ["known", { key: "1" }]]);
    expect(await readOf({ from: "2026-11-03", to: "2026-11-03" })).toEqual([["worked"], ["known", { key: "1" }]]);
    expect((await readOf(month))[1]).toEqual(["known"]);
    for (let id = 10; id < 26; id++) await mornings(`${id}`, "55");
    expect(await readOf(day)).toEqual([["absent"], ["known", "known"]]);
  });

  it("sums up groups, and finds people with late or absent days", async () => {
    await putSchedule();
    await pass("1", "02 09:30");
    await pass("1", "02 18:30");
    await pass("2", "02 09:00", { group: "Guests" });
    await pass("2", "02 10:00", { group: "Guests" });
    expect((await hours({ by: "group" })).groups).toEqual([
      { group: "Office", people: 1, minutes: 540, nightMinutes: 0, late: 1, absent: 2, open: 0 },
      { group: "Guests", people: 1, minutes: 60, nightMinutes: 0, late: 0, absent: 0, open: 0 },
    ]);
    expect((await hours({ only: "late" })).people.map(({ id }) => id)).toEqual(["1"]);
    expect((await hours({ only: "open,corrected" })).people).toEqual([]);
    expect((await hours({ group: "Guests" })).people.map(({ id }) => id)).toEqual(["2"]);
  });

  it("gives people in pages by name", async () => {
    for (const id of ["10", "2", "1"]) await pass(id, "02 09:00");
    const first = await hours({ limit: "2" });
    const second = await hours({ limit: "2", cursor: first.next ?? "" });
    expect([...first.people, ...second.people].map(({ id }) => id)).toEqual(["1", "2", "10"]);
    expect([first.sum["people"], second.next]).toEqual([3, null]);
  });

  it("knows nothing of days whose passings are no longer kept", async () => {
    await putSchedule();
    await pass("1", "02 09:00");
    deps.ingest.settings.retentionDays = 2;
    const [person] = (await hours()).people;
    expect(person?.days.map(({ state, flags }) => [state, flags])).toEqual([
      ["none", ["no-longer-kept"]],
      ["none", ["no-longer-kept"]],
      ["absent", []],
      ["none", []],
    ]);
  });

  it("is limited to the boxes of the caller, and to 366 days", async () => {
    await pass("1", "02 09:00");
    const token = deps.ingest.addKey("read", null, { people: true, boxes: ["lobby"] });
    expect((await ask("/v1/hours?site=hq&from=2026-11-02&to=2026-11-02", { token })).status).toBe(404);
    expect((await ask("/v1/hours/gate-1/1/2026-11-02", { token })).status).toBe(404);
    expect((await ask("/v1/hours?site=hq&from=2025-11-02&to=2026-11-05")).status).toBe(400);
    expect((await ask("/v1/hours?site=hq&from=2026-11-02&to=2026-02-30")).status).toBe(400);
  });
});

describe("a correction of hours", () => {
  const wish = { library: "gate-1", id: "1", day: "2026-11-02", kind: "times", reason: "Was at the dock" };
  const correct = (members: object = {}, headers: Record<string, string> = {}) =>
    send("POST", "/v1/hours/corrections", { ...wish, in: at("02 08:25"), ...members }, headers);

  beforeEach(async () => {
    await putSchedule();
    await pass("1", "02 09:40");
    await pass("1", "02 18:00");
  });

  it("is beside the counted times, and the newest counts", async () => {
    const headers = await signedIn(deps, await addAccount(deps, "manager"));
    const { status, body } = await correct({}, headers);
    expect([status, body]).toMatchObject([
      201,
      { in: "2026-11-02T00:25:00.000Z", out: null, was: { in: "2026-11-02T01:40:00.000Z" } },
    ]);
    expect(body).toMatchObject({ by: { account: expect.stringMatching(/^acc_/) } });
    deps.ingest.now += 1000;
    expect((await hours()).people[0]?.days[0]).toMatchObject({ isCorrected: true, late: 0, minutes: 575 });
    await correct({ kind: "leave", in: null }, headers);
    expect(await statesOf("1")).toMatchObject(["leave", "absent", "absent", "none"]);
    const day = await ask("/v1/hours/gate-1/1/2026-11-02");
    expect(day.body).toMatchObject({
      schedule: { id: "sch_office", start: "09:00" },
      passings: [{ use: "first-in", by: "order" }, { use: "last-out" }],
      counted: { state: "leave" },
      corrections: [{ kind: "times", reason: "Was at the dock" }, { kind: "leave" }],
    });
  });

  it("is taken back by another one", async () => {
    const { body } = await correct();
    deps.ingest.now += 1000;
    expect((await ask(`/v1/hours/corrections/${body.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await hours()).people[0]?.days[0]).toMatchObject({ isCorrected: false, late: 40 });
    expect((await ask("/v1/hours/gate-1/1/2026-11-02")).body).toMatchObject({
      corrections: [{ kind: "times" }, { kind: "counted" }],
    });
    expect((await ask("/v1/hours/corrections/cor_x", { method: "DELETE" })).status).toBe(404);
  });

  it("is refused without a time, far from its day, or for an unknown person", async () => {
    expect((await correct({ in: null })).status).toBe(400);
    expect((await correct({ kind: "leave" })).status).toBe(400);
    expect((await correct({ in: at("06 08:00") })).status).toBe(400);
    expect((await correct({ id: "2" })).status).toBe(404);
    for (const reason of ["x", "  x  ", "x".repeat(201), "half \ud800"]) {
      expect((await correct({ reason })).status).toBe(400);
    }
  });

  it("is refused if its last out is not after the first in", async () => {
    for (const [members, begins] of [
      [{ in: at("02 18:00"), out: at("02 08:00") }, "2026-11-02T10:00:00.000Z"],
      [{ in: null, out: at("02 09:40") }, "2026-11-02T01:40:00.000Z"],
    ] as const) {
      const { status, body } = await correct(members);
      const detail = expect.stringContaining(`${begins}: is it on the next day?`);
      expect([status, body]).toEqual([400, expect.objectContaining({ detail })]);
    }
    expect((await correct({ in: at("02 18:00"), out: at("03 08:00") })).status).toBe(201);
    expect((await correct({ in: at("02 07:00"), out: at("02 08:00") })).status).toBe(201);
  });

  it("is refused if its first in is not before the last out that counts", async () => {
    for (const late of ["02 18:00", "02 19:00"]) {
      const { status, body } = await correct({ in: at(late) });
      const detail = expect.stringMatching(
        /^in: .* is not before the last out, 2026-11-02T10:00:00.000Z: correct that/,
      );
      expect([status, body]).toEqual([400, expect.objectContaining({ detail })]);
    }
    expect((await hours()).people[0]?.days[0]).toMatchObject({ isCorrected: false, minutes: 500 });
    expect((await correct({ in: at("02 19:00"), out: at("02 20:00") })).status).toBe(201);
    expect((await correct({ in: at("02 17:59") })).status).toBe(201);
  });

  it("is erased with the person", async () => {
    const { body } = await correct();
    await deps.ask("/v1/people?id=1&box=gate-1", { method: "DELETE" });
    expect(await deps.deps.hoursCorrections.get(body.id)).toBeNull();
    expect((await hours()).people).toEqual([]);
  });
});

describe("a closed month", () => {
  const close = (month = "2026-10") => send("POST", "/v1/hours/close", { site: "hq", month });
  const october = { from: "2026-10-29", to: "2026-10-30" };

  beforeEach(async () => {
    await putSchedule();
    await pass("1", "02 09:00");
    for (const time of ["09:30", "18:00"]) {
      const timestamp = Date.parse(`2026-10-29T${time}:00+08:00`);
      const body = passing({ identity_id: "1", identity_name: "P1", group_name: "Office", timestamp });
      await deps.deliver(body, { receivedAt: timestamp + 500 });
    }
  });

  it("keeps its days, and names those that would have changed", async () => {
    expect(await close()).toMatchObject({ status: 200, body: { people: 1 } });
    const before = await hours(october);
    expect(before).toMatchObject({ closed: { by: { name: null } }, wouldHaveChanged: [] });
    const timestamp = Date.parse("2026-10-29T08:55:00+08:00");
    const late = passing({ identity_id: "1", identity_name: "P1", group_name: "Office", timestamp });
    await deps.deliver(late, { receivedAt: noon });
    await deps.deps.sites.put("hq", { holidays: ["2026-10-30"] });
    const after = await hours(october);
    expect(after.people).toEqual(before.people);
    expect(after.wouldHaveChanged.map(({ id, day }) => [id, day])).toEqual([
      ["1", "2026-10-29"],
      ["1", "2026-10-30"],
    ]);
  });

  it("says in each answer from what it was counted at the closing", async () => {
    const evidence = async () => (await ask("/v1/hours/gate-1/1/2026-10-29")).body;
    const table = () => hoursRows({ site: "hq", ...october }, "2026-10", deps.deps);
    const person = async () => {
      const [page, days] = await Promise.all(
        ["", `/days?${new URLSearchParams(october)}`].map(async (path) => {
          return (await deps.ask(`/v1/people/gate-1/1${path}`)).json() as Promise<{ days: Day[] }>;
        }),
      );
      expect(page?.days).toEqual(expect.arrayContaining(days?.days ?? []));
      return days;
    };
    const shown = async () =>
      [
        await evidence(),
        await table(),
        (await hours({ ...october, to: october.from })).people,
        await person(),
      ] as const;
    const open = await shown();
    await close();
    const timestamp = Date.parse("2026-10-29T20:00:00+08:00");
    const late = passing({ identity_id: "1", identity_name: "P1", group_name: "Office", timestamp });
    await deps.deliver(late, { receivedAt: noon });
    await deps.deliver({ ...late, identity_id: "2" }, { receivedAt: noon });
    expect((await hours(october)).wouldHaveChanged).toHaveLength(2);
    const [day, rows, [first, other], ofPerson] = await shown();
    expect([day, rows, [first], ofPerson]).toEqual(open);
    expect(other?.days).toMatchObject([{ state: "none", passings: [] }]);
  });

  it("keeps the used and the first ones of many passings of a day", async () => {
    for (let n = 0; n < 60; n++) {
      const timestamp = Date.parse("2026-10-29T10:00:00+08:00") + n * 60_000;
      await deps.deliver(passing({ identity_id: "1", timestamp }), { receivedAt: timestamp + 500 });
    }
    await close();
    const { body } = await ask("/v1/hours/gate-1/1/2026-10-29");
    const { passings } = body as unknown as { passings: { use: string | null }[] };
    expect(passings).toHaveLength(50);
    expect([passings[0]?.use, passings.at(-1)?.use]).toEqual(["first-in", "last-out"]);
  });

  it("would not have changed by days before the first passing of a person", async () => {
    await close();
    const all = { from: "2026-10-01", to: "2026-10-31" };
    await pass("2", "02 09:00");
    expect((await hours(all)).wouldHaveChanged).toEqual([]);
    const timestamp = Date.parse("2026-10-30T08:55:00+08:00");
    const late = passing({ identity_id: "2", identity_name: "P2", group_name: "Office", timestamp });
    await deps.deliver(late, { receivedAt: noon });
    const { people, wouldHaveChanged } = await hours(all);
    expect(people.map(({ id, days }) => [id, days.some(({ state }) => state === "absent")])).toEqual([
      ["1", true],
      ["2", false],
    ]);
    expect(wouldHaveChanged.map(({ id, day }) => [id, day])).toEqual([["2", "2026-10-30"]]);
  });

  it("takes no correction and no schedule", async () => {
    await close();
    const wish = { library: "gate-1", id: "1", day: "2026-10-29", kind: "leave", reason: "Was ill" };
    expect(await send("POST", "/v1/hours/corrections", wish)).toMatchObject({ status: 409, body: { code: "closed" } });
    expect(await putSchedule({ validFrom: "2026-10-15" })).toMatchObject({ status: 409, body: { code: "closed" } });
    expect(await close()).toMatchObject({ status: 409, body: { code: "closed" } });
  });

  it("is closed once by requests with the same idempotency key", async () => {
    const again = (month: string, key: string) =>
      send("POST", "/v1/hours/close", { site: "hq", month }, { "idempotency-key": key });
    const atOnce = await Promise.all([again("2026-10", "k"), again("2026-10", "k")]);
    for (const answer of [...atOnce, await again("2026-10", "k")]) {
      expect(answer).toEqual({ status: 200, body: { site: "hq", month: "2026-10", people: 1 } });
    }
    expect(await again("2026-10", "other")).toMatchObject({ status: 409, body: { code: "closed" } });
    expect(await again("2026-09", "k")).toMatchObject({ status: 409, body: { code: "no-longer-kept" } });
    expect(await again("2026-10", "a b")).toMatchObject({ status: 400 });
  });

  it("must have ended", async () => {
    expect(await close("2026-11")).toMatchObject({ status: 409, body: { code: "not-ended" } });
    expect((await close("2026-13")).status).toBe(400);
  });

  it.each(["group", "roster"])("must have ended with the last shifts, by the %s", async (by) => {
    const windows = { inWindow: ["18:00", "02:00"], outWindow: ["02:00", "12:00"] };
    const night = { ...office, name: "Night", groups: ["Night"], start: "22:00", end: "06:00", ...windows };
    await putSchedule(
      { ...night, groups: by === "group" ? ["Office"] : ["Night"] },
      by === "group" ? "sch_office" : "sch_n",
    );
    const days = [{ library: "gate-1", id: "1", day: "2026-11-30", schedule: "sch_n" }];
    if (by === "roster") await send("PATCH", "/v1/rosters/hq/2026-11", { days });
    const passAt = async (time: string) => {
      deps.ingest.now = Date.parse(`${time}:00+08:00`);
      const facts = { identity_id: "1", identity_name: "P1", group_name: "Office", timestamp: deps.ingest.now };
      await deps.deliver(passing(facts), { receivedAt: deps.ingest.now });
    };
    await passAt("2026-11-30T21:55");
    deps.ingest.now = Date.parse("2026-12-01T11:59:59+08:00");
    const detail = "2026-11 ends with its last shift, at 2026-12-01T04:00:00.000Z";
    expect(await close("2026-11")).toMatchObject({ status: 409, body: { code: "not-ended", detail } });
    await passAt("2026-12-01T06:05");
    deps.ingest.now = Date.parse("2026-12-01T12:00:00+08:00");
    expect(await close("2026-11")).toMatchObject({ status: 200 });
    const [last] = (await hours({ from: "2026-11-30", to: "2026-11-30" })).people[0]?.days ?? [];
    expect(last).toMatchObject({ state: "worked", minutes: 490 });
  });

  it.each([true, false])(
    "shows a manager of one box the people known there, shared people: %s",
    async (sharesPeople) => {
      await deps.deps.sites.put("hq", { sharesPeople });
      await deps.deps.boxes.writer.set("gate-2", { site: "hq" });
      const passAt = async (box: string, id: string, time: string) => {
        const timestamp = Date.parse(`2026-10-${time}:00+08:00`);
        const body = passing({ identity_id: id, identity_name: `P${id}`, timestamp });
        await deps.deliver(body, { box, receivedAt: timestamp + 500 });
      };
      await passAt("gate-2", "1", "29T20:00");
      await passAt("gate-2", "2", "29T09:00");
      expect((await close()).status).toBe(200);
      const manager = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] }));
      const seen = await hours(october, { headers: manager });
      expect(seen.people.map(({ id }) => id)).toEqual(["1", "2"]);
      expect(seen.wouldHaveChanged).toEqual([]);
      const first = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-1"] }));
      expect((await hours(october, { headers: first })).people.map(({ id }) => id)).toEqual(["1"]);
      expect((await hours(october)).people).toHaveLength(sharesPeople ? 2 : 3);
    },
  );

  it("marks what a manager of some boxes sees counted by them, and shows no passing of the others", async () => {
    await deps.deps.sites.put("hq", { sharesPeople: true });
    await deps.deps.boxes.writer.set("gate-2", { site: "hq" });
    const passAt = async (box: string, time: string) => {
      const timestamp = Date.parse(`2026-${time}:00+08:00`);
      const facts = { identity_id: "1", identity_name: "P1", group_name: "Office", timestamp };
      await deps.deliver(passing(facts), { box, receivedAt: timestamp + 500 });
    };
    for (const time of ["10-29T08:00", "11-03T08:00"]) await passAt("gate-2", time);
    await passAt("gate-1", "11-03T18:00");
    const headers = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-1"] }));
    const other = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] }));
    const dayOf = async (day: string, as: Record<string, string>) => {
      const sheet = await hours({ from: day, to: day }, { headers: as });
      const cell = (await ask(`/v1/hours/~hq/1/${day}`, { headers: as })).body.counted;
      const boxes = as === headers ? ["gate-1"] : as === other ? ["gate-2"] : ["gate-1", "gate-2"];
      const filter = { site: "hq", from: day, to: day, boxes };
      const [row = []] = await hoursRows(filter, day.slice(0, 7), deps.deps);
      expect(sheet.people[0]?.days[0]).toMatchObject(cell);
      const columnOf = (name: string) => row[hoursColumns.indexOf(name)] ?? null;
      expect(cell).toMatchObject({ inEvent: columnOf("inEvent"), outEvent: columnOf("outEvent") });
      expect((columnOf("flags") ?? "").toString().includes("part")).toBe(sheet.isPart);
      return { isPart: sheet.isPart, ...cell };
    };
    expect(await dayOf("2026-11-03", {})).toMatchObject({ isPart: false, minutes: 600, flags: [] });
    expect(await dayOf("2026-11-03", headers)).toMatchObject({ isPart: true, minutes: null, flags: ["part"] });
    expect(await dayOf("2026-10-29", other)).toMatchObject({ isPart: true, minutes: null, flags: ["part"] });
    expect((await close()).status).toBe(200);
    const all = await dayOf("2026-10-29", {});
    expect(all).toMatchObject({ isPart: false, minutes: 600, flags: [] });
    // The closed value is one for all; the events of boxes that are not seen are not named.
    expect(await dayOf("2026-10-29", headers)).toEqual({ ...all, inEvent: null });
    expect(await dayOf("2026-10-29", other)).toEqual({ ...all, outEvent: null });
    // No part is marked if nothing of it is missing, whether the person passed at the other box or not.
    await deps.deps.sites.put("hq", { sharesPeople: false });
    expect((await hours({}, { headers })).isPart).toBe(false);
  });

  it.each([true, false])(
    "has its cells also if the box is of another site since, shared people: %s",
    async (shares) => {
      await deps.deps.boxes.writer.set("gate-2", { site: "hq" });
      const cell = async (query = "", headers = {}) => {
        const path = `/v1/hours/gate-1/1/2026-10-29${query}`;
        return (await ask(path, { headers })) as { status: number; body: { counted: object } };
      };
      const before = await cell();
      await close();
      await deps.deps.sites.put("lab", { zone: "Asia/Shanghai", sharesPeople: shares });
      await deps.deps.boxes.writer.set("gate-1", { site: "lab" });
      const headers = await signedIn(deps, await addAccount(deps, "manager", { sites: ["hq"] }));
      for (const by of [{}, headers]) {
        expect((await hours(october, { headers: by })).people[0]?.days[0]).toMatchObject(before.body.counted);
        expect(await cell("?site=hq", by)).toMatchObject({ status: 200, body: { counted: before.body.counted } });
      }
      expect((await cell("?site=none")).status).toBe(404);
      expect((await ask("/v1/hours/gate-1/1/2026-11-02?site=hq")).status).toBe(404);
      const elsewhere = await signedIn(deps, await addAccount(deps, "manager", { sites: ["other"] }));
      expect((await cell("?site=hq", elsewhere)).status).toBe(404);
    },
  );

  it("forgets an erased person", async () => {
    await close();
    await deps.ask("/v1/people?id=1&all=1", { method: "DELETE" });
    expect((await hours(october)).people).toEqual([]);
    const month = await deps.deps.closedMonths.get("hq", "2026-10");
    expect(await deps.deps.closedMonths.people({ site: "hq", closing: month?.closing ?? "" })).toEqual([]);
  });
});

describe("a part of a day as leave", () => {
  const time = (clock: string) => `2026-11-03T${clock}:00+08:00`;
  const person = { library: "gate-1", id: "1", day: "2026-11-03" };
  const leave = (from: string | null, to: string | null, more: object = {}) =>
    send("POST", "/v1/hours/corrections", { ...person, kind: "leave", reason: "A doctor", from, to, ...more });

  it("is taken off the day, with its times, and stays in a closed month", async () => {
    await putSchedule();
    for (const one of ["03 09:00", "03 13:05"]) await pass("1", one);
    const made = await leave(time("13:00"), time("18:00"), { in: time("08:50") });
    expect(made).toMatchObject({ status: 201, body: { kind: "leave", from: "2026-11-03T05:00:00.000Z" } });
    const day = { minutes: 250, early: 0, state: "worked", isCorrected: true, leaveTo: "2026-11-03T10:00:00.000Z" };
    expect((await hours()).people[0]?.days[1]).toMatchObject(day);
    deps.ingest.now += 1000;
    expect((await ask(`/v1/hours/corrections/${made.body.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await hours()).people[0]?.days[1]).toMatchObject({ minutes: 245, early: 295, leaveFrom: null });
    deps.ingest.now += 1000;
    await leave(time("13:00"), time("18:00"));
    deps.ingest.now = Date.parse("2026-12-02T00:00:00Z");
    expect((await send("POST", "/v1/hours/close", { site: "hq", month: "2026-11" })).status).toBe(200);
    const closed = await hours();
    expect(closed.people[0]?.days[1]).toMatchObject({ minutes: 240, leaveTo: day.leaveTo });
    expect(closed.wouldHaveChanged).toEqual([]);
  });

  it("may begin and end with the days beside it", async () => {
    await pass("1", "03 09:00");
    expect((await leave("2026-11-02T00:00:00+08:00", "2026-11-05T00:00:00+08:00")).status).toBe(201);
  });

  it.each([
    ["one end", time("13:00"), null, {}],
    ["no length", time("13:00"), time("13:00"), {}],
    ["ends in the wrong order", time("13:00"), time("12:00"), {}],
    ["an end days later", time("13:00"), "2026-11-05T09:00:00+08:00", {}],
    ["an end a minute after the day beside it", time("13:00"), "2026-11-05T00:01:00+08:00", {}],
    ["a begin a minute before the day beside it", "2026-11-01T23:59:00+08:00", time("13:00"), {}],
    ["times of a day that is leave as a whole", null, null, { in: time("08:50") }],
    ["another kind", time("13:00"), time("18:00"), { kind: "times", in: time("08:50") }],
  ])("is refused with %s", async (_, from, to, more) => {
    await pass("1", "03 09:00");
    expect((await leave(from, to, more)).status).toBe(400);
  });
});

describe("a schedule", () => {
  it("has versions, of which each is valid from its first day", async () => {
    await putSchedule();
    await putSchedule({ start: "08:00", validFrom: "2026-11-03" });
    for (const day of ["02", "03"]) {
      await pass("1", `${day} 09:05`);
      await pass("1", `${day} 18:00`);
    }
    expect((await hours()).people[0]?.days.map(({ late }) => late)).toEqual([0, 65, 0, 0]);
    const listed = (await ask("/v1/schedules?site=hq")).body as unknown as { schedules: { validFrom: string }[] };
    expect(listed.schedules.map(({ validFrom }) => validFrom)).toEqual(["2026-10-01", "2026-11-03"]);
    expect((await ask("/v1/schedules/sch_office?site=hq&validFrom=2026-11-03", { method: "DELETE" })).status).toBe(204);
    expect((await hours()).people[0]?.days.map(({ late }) => late)).toEqual([0, 0, 0, 0]);
    expect((await ask("/v1/schedules/sch_other?site=hq", { method: "DELETE" })).status).toBe(404);
  });

  it("is tried without being written", async () => {
    await pass("1", "02 09:05");
    await pass("1", "02 18:00");
    const tried = await send("POST", "/v1/schedules/sch_office/try", { ...office, validFrom: "2026-11-02" });
    // Late on the first day, and absent on the two after it.
    expect(tried.body.cells).toBe(2);
    expect((await ask("/v1/schedules?site=hq")).body).toEqual({ schedules: [] });
    const late = await send("POST", "/v1/schedules/sch_office/try", {
      ...office,
      start: "08:00",
      validFrom: "2026-11-02",
    });
    expect(late.body.cells).toBe(3);
  });

  it("has breaks, which the day, its sums and its evidence name", async () => {
    const breaks = [
      { from: "12:00", to: "13:00" },
      { minutes: 30, after: 540 },
    ];
    await putSchedule({ breaks, validFrom: "2026-11-03" });
    await putSchedule();
    for (const time of ["02 08:00", "02 17:20", "03 08:00", "03 17:20"]) await pass("1", time);
    const { people, sum } = await hours();
    expect(people[0]?.days.slice(0, 2)).toMatchObject([
      { minutes: 560, break: 0 },
      { minutes: 480, break: 80 },
    ]);
    expect([people[0]?.minutes, sum["minutes"]]).toEqual([1040, 1040]);
    const evidence = (await ask("/v1/hours/gate-1/1/2026-11-03")).body;
    expect(evidence).toMatchObject({ schedule: { breaks }, counted: { minutes: 480, break: 80 } });
    const person = (await ask("/v1/people/gate-1/1/days?from=2026-11-03&to=2026-11-03")).body;
    expect(person).toMatchObject({ days: [{ minutes: 480, break: 80 }] });
  });

  it("has no breaks and no night if an earlier build wrote it", async () => {
    await putSchedule({ breaks: [{ minutes: 30, after: 0 }], openDays: "end", night: { from: "17:00", to: "07:00" } });
    const remove = ["breaks", "openDays", "night"];
    await deps.ingest.items.write({ pk: "schedule sch_office 2026-10-01", set: {}, remove, when: all() });
    const { schedules } = (await ask("/v1/schedules?site=hq")).body as unknown as { schedules: object[] };
    expect(schedules).toEqual([{ ...office, id: "sch_office", breaks: [], openDays: "stay", night: null }]);
  });

  it("sums up the minutes of its night", async () => {
    await putSchedule({ night: { from: "17:00", to: "07:00" } });
    for (const time of ["02 06:00", "02 18:00", "03 09:00", "03 18:30"]) await pass("1", time);
    const sheet = await hours();
    expect(sheet.people[0]?.days.slice(0, 2)).toMatchObject([{ nightMinutes: 120 }, { nightMinutes: 90 }]);
    expect([sheet.people[0], sheet.sum]).toMatchObject([{ nightMinutes: 210 }, { nightMinutes: 210, minutes: 1290 }]);
    const { groups } = await hours({ by: "group" });
    expect(groups).toMatchObject([{ group: "Office", nightMinutes: 210 }]);
    for (const night of [{ from: "22:00", to: "22:00" }, { from: "22:00" }, { from: "22:00", to: "6:00" }]) {
      expect([night, (await putSchedule({ night })).status]).toEqual([night, 400]);
    }
  });

  it("is refused if it cannot be counted", async () => {
    const long = { minutes: 30, after: 0 };
    for (const breaks of [
      [{ from: "12:00" }],
      [{ from: "12:00", to: "24:00" }],
      [{ from: "17:30", to: "18:30" }],
      [{ minutes: 0, after: 0 }],
      [{ minutes: 30.5, after: 0 }],
      [{ ...long, from: "12:00", to: "13:00" }],
      Array.from({ length: 11 }, () => long),
    ]) {
      expect([breaks, (await putSchedule({ breaks })).status]).toEqual([breaks, 400]);
    }
    expect((await putSchedule({ inWindow: ["05:00", "08:00"] })).status).toBe(400);
    expect((await putSchedule({ start: "25:00" })).status).toBe(400);
    for (const groups of [[], [""], ["half \ud800"]]) expect((await putSchedule({ groups })).status).toBe(400);
    expect((await putSchedule({ site: "depot" })).status).toBe(404);
    expect((await putSchedule({}, "sch office")).status).toBe(400);
  });
});
