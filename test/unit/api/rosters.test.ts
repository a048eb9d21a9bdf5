import { dayMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passes, runtime, type TestRuntime, told } from "./support.ts";

const office = {
  name: "Office",
  groups: ["Office"],
  start: "09:00",
  end: "18:00",
  lateAfter: 0,
  earlyBefore: 0,
  weekdays: [1, 2, 3, 4, 5],
  inWindow: ["05:00", "12:00"] as const,
  outWindow: ["12:00", "23:00"] as const,
  breaks: [],
  validFrom: "2026-01-01",
};
const early = {
  ...office,
  name: "Early",
  groups: ["Early"],
  start: "06:00",
  end: "14:00",
  inWindow: ["04:00", "10:00"] as const,
};
const night = {
  ...office,
  name: "Night",
  groups: ["Night"],
  start: "22:00",
  end: "06:00",
  inWindow: ["18:00", "02:00"] as const,
  outWindow: ["02:00", "12:00"] as const,
};

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.sites.put("hq", { zone: "Asia/Shanghai", holidays: ["2026-11-04"] });
  for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
  await deps.deps.schedules.put("hq", { id: "sch_office", ...office });
  await deps.deps.schedules.put("hq", { id: "sch_early", ...early });
  await deps.deps.schedules.put("hq", { id: "sch_night", ...night });
  await pass("2026-11-02T08:30");
  await pass("2026-11-02T18:00");
});

const pass = (time: string, who: { id?: string; box?: string } = {}) => passes(deps, time, who);
const ask = (path: string, asking: Parameters<TestRuntime["ask"]>[1] = {}) => told(deps, path, asking);

type Sent = { rev?: unknown; method?: string; headers?: Record<string, string>; path?: string };
const send = (days: unknown, { rev = 0, method = "PUT", headers = {}, path = "hq/2026-11" }: Sent = {}) =>
  ask(`/v1/rosters/${path}`, { method, body: JSON.stringify({ rev, days }), headers });
const roster = (path = "hq/2026-11", headers = {}) => ask(`/v1/rosters/${path}`, { headers });
const on = (day: string, schedule?: string | null, person: object = {}) => ({
  library: "gate-1",
  id: "1",
  day: `2026-11-${day}`,
  ...(schedule !== undefined && { schedule }),
  ...person,
});
const hours = async (from: string, to: string) =>
  (await ask(`/v1/hours?site=hq&from=2026-11-${from}&to=2026-11-${to}`)).body;
const daysOf = async (from: string, to: string) => (await hours(from, to)).people[0].days;

describe("a roster", () => {
  it("is shown as it was sent, in order, and replaced as a whole", async () => {
    expect(await roster()).toEqual({
      status: 200,
      body: { site: "hq", month: "2026-11", rev: 0, isPart: false, days: [] },
    });
    const days = [on("03", "sch_early"), on("02", null), on("02", "sch_office", { id: "0", library: "gate-2" })];
    const written = { site: "hq", month: "2026-11", rev: 1, unknown: [{ library: "gate-2", id: "0" }] };
    expect(await send(days)).toEqual({ status: 200, body: written });
    expect((await roster()).body).toEqual({
      site: "hq",
      month: "2026-11",
      rev: 1,
      isPart: false,
      days: [days[1], days[0], days[2]],
    });
    expect((await send([days[1]], { rev: 1 })).body).toMatchObject({ rev: 2, unknown: [] });
    expect((await roster()).body.days).toEqual([days[1]]);
    expect((await send([], { rev: 2 })).body).toMatchObject({ rev: 3 });
    expect((await roster()).body).toMatchObject({ rev: 3, days: [] });
    expect((await roster("hq/2026-12")).body).toMatchObject({ rev: 0, days: [] });
  });

  it("changes the named days alone by PATCH, also back to none", async () => {
    await send([on("02", null), on("03", "sch_early"), on("03", null, { id: "2" })]);
    const answer = await send([on("02"), on("04", "sch_office"), on("09")], { rev: 1, method: "PATCH" });
    expect(answer).toMatchObject({ status: 200, body: { rev: 2 } });
    const days = [on("03", "sch_early"), on("04", "sch_office"), on("03", null, { id: "2" })];
    expect((await roster()).body).toMatchObject({ rev: 2, days });
    await send([on("03"), on("04")], { rev: 2, method: "PATCH" });
    expect((await roster()).body.days).toEqual([days[2]]);
  });

  it("is written without a version over any", async () => {
    await send([on("02", null)]);
    const body = JSON.stringify({ days: [on("03", null)] });
    expect(await ask("/v1/rosters/hq/2026-11", { method: "PATCH", body })).toMatchObject({ body: { rev: 2 } });
    expect((await roster()).body.days).toHaveLength(2);
  });

  it("is written without a version by all who write at once", async () => {
    const days = ["02", "03", "04"];
    const sent = days.map((day) => JSON.stringify({ days: [on(day, null)] }));
    const answers = await Promise.all(sent.map((body) => ask("/v1/rosters/hq/2026-11", { method: "PATCH", body })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await roster()).body).toMatchObject({ rev: 3, days: days.map((day) => on(day, null)) });
  });

  it("stays as it is without a change", async () => {
    await send([on("02", null)]);
    for (const method of ["PUT", "PATCH"]) {
      for (const read of [{ rev: 1 }, {}]) {
        const body = JSON.stringify({ ...read, days: method === "PUT" ? [on("02", null)] : [] });
        expect((await ask("/v1/rosters/hq/2026-11", { method, body })).body).toMatchObject({ rev: 1 });
      }
    }
    expect((await roster()).body).toMatchObject({ rev: 1, days: [on("02", null)] });
  });

  it.each(["PUT", "PATCH"])("is written by one of two who read the same version, by %s", async (method) => {
    const answers = await Promise.all(["sch_early", null].map((one) => send([on("02", one)], { method })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const lost = answers.find(({ status }) => status === 409);
    expect(lost?.body).toMatchObject({
      code: "changed",
      detail: expect.stringMatching(/^(the roster was|someone else)/),
    });
    const [kept] = (await roster()).body.days;
    expect(kept.schedule).toBe(answers[0]?.status === 200 ? "sch_early" : null);
    for (const rev of [0, 2]) expect((await send([], { rev, method })).status).toBe(409);
  });

  it("says that someone else is writing it", async () => {
    vi.spyOn(deps.deps.rosters, "write").mockResolvedValueOnce("busy");
    const detail = "someone else is writing the roster; read it again, after a minute at the latest";
    expect(await send([on("02", null)])).toMatchObject({ status: 409, body: { code: "changed", detail } });
  });

  it("is of the site once its boxes share their people, as are corrections", async () => {
    const leave = { library: "gate-1", id: "1", day: "2026-11-04", kind: "leave", reason: "Was ill" };
    await ask("/v1/hours/corrections", { method: "POST", body: JSON.stringify(leave) });
    await send([on("02", "sch_early"), on("03", null), on("03", "sch_early", { library: "gate-2" })]);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    const shared = { library: "~hq" };
    const days = [on("02", "sch_early", shared), on("03", "sch_early", shared)];
    expect((await roster()).body).toMatchObject({ rev: 2, days });
    const counted = [{ late: 150 }, { state: "absent", flags: ["roster"] }, { state: "leave", isCorrected: true }];
    expect(await daysOf("02", "04")).toMatchObject(counted);
    expect((await ask("/v1/hours/~hq/1/2026-11-02")).body.counted).toMatchObject({ late: 150 });
    expect((await ask("/v1/hours/~hq/1/2026-11-04")).body.corrections).toHaveLength(1);
    await send([on("03", undefined, shared)], { rev: 2, method: "PATCH" });
    expect((await roster()).body.days).toEqual([days[0]]);
    await send([], { rev: 3 });
    expect((await roster()).body.days).toEqual([]);
  });

  it("comes before the schedule of the group in each count", async () => {
    expect(await daysOf("02", "03")).toMatchObject([{ state: "worked", late: 0 }, { state: "absent" }]);
    await send([on("02", "sch_early"), on("03", null), on("04", "sch_early")]);
    const expected = [
      { state: "worked", late: 150, flags: ["roster"] },
      { state: "rest", late: 0, flags: ["roster"] },
      // A planned day is of work on a holiday, too.
      { state: "absent", flags: ["roster"] },
    ];
    expect(await daysOf("02", "04")).toMatchObject(expected);
    expect((await daysOf("01", "30")).slice(1, 4)).toMatchObject(expected);
    expect((await hours("02", "04")).sum).toMatchObject({ late: 1, absent: 1 });
    const { body } = await ask("/v1/hours/gate-1/1/2026-11-02");
    expect(body).toMatchObject({ schedule: { id: "sch_early" }, counted: { late: 150, flags: ["roster"] } });
    expect((await ask("/v1/people/gate-1/1/days?from=2026-11-02&to=2026-11-02")).body.days[0].late).toBe(150);
  });

  it("makes a person absent at a weekend and before the first passing, and free on a day of passings", async () => {
    await pass("2026-11-03T09:30");
    await pass("2026-11-03T12:30");
    await send([on("01", "sch_early"), on("03", null)]);
    const [sunday, , tuesday] = await daysOf("01", "03");
    expect(sunday).toMatchObject({ state: "absent", flags: ["roster"] });
    expect(tuesday).toMatchObject({ state: "worked", minutes: 180, late: 0, early: 0, flags: ["roster"] });
  });

  it("lists a person on a free day alone as in the week", async () => {
    await deps.deps.schedules.remove("hq", "sch_office", null);
    await send([on("05", null)]);
    const [thursday] = (await daysOf("02", "05")).slice(-1);
    expect(thursday).toMatchObject({ state: "rest", flags: ["roster"] });
    expect(await hours("05", "05")).toMatchObject({ sum: { people: 1 }, people: [{ days: [thursday] }] });
    expect((await hours("06", "06")).people).toEqual([]);
  });

  it("ends at the last day of a person", async () => {
    await ask("/v1/people/gate-1/1", { method: "PATCH", body: JSON.stringify({ leftOn: "2026-11-02" }) });
    await send([on("03", "sch_early")]);
    expect((await hours("03", "03")).people).toEqual([]);
  });

  it("places the passings of a night shift over the end of a month", async () => {
    await pass("2026-10-31T21:50");
    await pass("2026-11-01T06:10");
    const october = { library: "gate-1", id: "1", day: "2026-10-31", schedule: "sch_night" };
    expect((await send([october], { path: "hq/2026-10" })).status).toBe(200);
    const sheet = async (from: string, to: string) =>
      (await ask(`/v1/hours?site=hq&from=${from}&to=${to}`)).body.people[0]?.days.map(
        ({ minutes }: { minutes: number | null }) => minutes,
      );
    expect(await sheet("2026-10-31", "2026-10-31")).toEqual([500]);
    expect(await sheet("2026-10-31", "2026-11-01")).toEqual([500, null]);
    expect(await sheet("2026-11-01", "2026-11-02")).toEqual([null, 570]);
  });

  it("says who is in a night shift on Inside", async () => {
    const { devices = [] } = (await deps.deps.boxes.reader.get("gate-1")) ?? {};
    for (const { key } of devices) await deps.deps.boxes.writer.set("gate-1", { device: { key, direction: "in" } });
    await pass("2026-11-04T21:50");
    deps.ingest.now = Date.parse("2026-11-05T02:00:00+08:00");
    const inside = async () => (await ask("/v1/presence?site=hq")).body.people;
    expect(await inside()).toMatchObject([{ id: "1", isOverdue: true }]);
    await send([on("04", "sch_night")]);
    deps.ingest.now += 1000;
    expect(await inside()).toMatchObject([{ id: "1", isOverdue: false }]);
  });

  it("leaves the days of the group to a removed schedule, with a flag", async () => {
    await send([on("03", "sch_early")]);
    await ask("/v1/schedules/sch_early?site=hq", { method: "DELETE" });
    expect(await daysOf("02", "03")).toMatchObject([{ flags: [] }, { state: "absent", flags: ["roster-removed"] }]);
    expect((await roster()).body.days).toEqual([on("03", "sch_early")]);
    const { days } = (await roster()).body;
    expect((await send([...days, on("04", null)], { rev: 1 })).status).toBe(200);
    expect((await send([on("05", "sch_early")], { rev: 2, method: "PATCH" })).status).toBe(400);
    expect((await send(days, { rev: 2 })).body).toMatchObject({ rev: 3 });
    await deps.deps.schedules.remove("hq", "sch_office", null);
    await deps.deps.schedules.remove("hq", "sch_night", null);
    await send([on("03", null)], { rev: 3 });
    expect((await daysOf("02", "03"))[1]).toMatchObject({ state: "rest", flags: ["roster"] });
  });

  it.each([
    ["another month", on("02", null, { day: "2026-12-02" }), "days.0.day: must be in 2026-11"],
    ["a box elsewhere", on("02", null, { library: "gate-9" }), "days.0.library: is none of this site that you see"],
    ["another site", on("02", null, { library: "~lab" }), "days.0.library: is none of this site that you see"],
    ["an unknown schedule", on("02", "sch_x"), "days.0.schedule: there is no such schedule at this site"],
    ["a later schedule", on("02", "sch_late"), "days.0.schedule: has no version before 2026-11-20"],
    ["no schedule", on("02"), /^days\.0\.schedule/],
    ["no id of a schedule", on("02", "early"), /^days\.0\.schedule: must be sch_/],
    ["no date", on("02", null, { day: "2026-11-31" }), /^days\.0\.day/],
    ["another member", on("02", null, { name: "P1" }), /^days\.0/],
    ["an empty id", on("02", null, { id: "" }), /^days\.0\.id/],
    ["half a character", on("02", null, { id: "\ud800" }), /^days\.0\.id/],
    ["no object", "2026-11-02", /^days\.0/],
  ])("is refused with %s", async (_, day, detail) => {
    await deps.deps.schedules.put("hq", { id: "sch_late", ...office, validFrom: "2026-11-20" });
    const expected = typeof detail === "string" ? detail : expect.stringMatching(detail);
    expect(await send([day])).toMatchObject({ status: 400, body: { detail: expected } });
    expect((await roster()).body).toMatchObject({ rev: 0, days: [] });
  });

  it("is refused with a day twice, without a version, or of a month that nobody can plan", async () => {
    const twice = await send([on("02", null), on("03", null), on("02", "sch_early", { id: " 1" })]);
    expect(twice).toMatchObject({ status: 400, body: { detail: "days.2.day: the person has this day twice" } });
    for (const rev of [-1, 1.5, "0", null]) expect((await send([], { rev })).status).toBe(400);
    expect((await send([], { path: "hq/2027-12" })).body.detail).toBe("month: must begin on 2027-11-06 at the latest");
    expect((await send([], { path: "hq/2020-01" })).body).toMatchObject({ code: "no-longer-kept" });
    for (const month of ["2026-13", "2026-1", "1999-01", "next"]) {
      expect([month, (await send([], { path: `hq/${month}` })).status]).toEqual([month, 400]);
      expect([month, (await roster(`hq/${month}`)).status]).toEqual([month, 404]);
    }
    expect((await roster("nowhere/2026-11")).status).toBe(404);
    expect((await send([], { path: "nowhere/2026-11" })).status).toBe(404);
  });

  it("is refused in a closed month, whose days stay", async () => {
    deps.ingest.now = Date.UTC(2026, 11, 2);
    await send([on("29", "sch_early")]);
    await ask("/v1/hours/close", { method: "POST", body: JSON.stringify({ site: "hq", month: "2026-11" }) });
    for (const method of ["PUT", "PATCH"]) {
      const answer = await send([on("29", null)], { rev: 1, method });
      expect(answer).toMatchObject({ status: 409, body: { code: "closed" } });
    }
    expect(await daysOf("29", "29")).toMatchObject([{ state: "absent", flags: ["roster"] }]);
  });

  it("is refused above its size, before anything is written", async () => {
    const id = (n: number) => `${n} ${"x".repeat(250)}`;
    const days = Array.from({ length: 15_000 }, (_, n) => on("02", null, { id: id(n) }));
    expect(await send(days)).toMatchObject({ status: 413 });
    expect((await send(days.slice(0, 11_000))).status).toBe(200);
    const more = days.slice(11_000).map((day) => ({ ...day, id: `b${day.id}` }));
    const answer = await send(more, { rev: 1, method: "PATCH" });
    expect(answer).toMatchObject({ status: 413, body: { detail: "a roster may have 4096 KB; plan fewer people" } });
    expect((await roster()).body.rev).toBe(1);
  });

  it("that was read before its boxes shared their people, or while they did, is changed", async () => {
    await send([on("02", null)]);
    const shared = on("02", null, { library: "~hq" });
    expect((await send([shared], { rev: 1 })).status).toBe(409);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    for (const method of ["PUT", "PATCH"])
      expect(await send([on("03", null)], { rev: 1, method })).toMatchObject({
        status: 409,
        body: { code: "changed" },
      });
    const { rev } = (await roster()).body;
    expect((await send([on("03", null, { library: "gate-9" })], { rev })).status).toBe(400);
    expect((await send([shared], { rev })).status).toBe(200);
  });

  it.each(["PUT", "PATCH"])("that was read before people were joined or parted is changed by %s", async (method) => {
    await send([on("02", null)]);
    for (const areSame of [true, false]) {
      const { rev } = (await roster()).body;
      const body = JSON.stringify({ site: "hq", areSame });
      expect((await ask("/v1/people/alike", { method: "PUT", body })).status).toBeLessThan(300);
      expect(await send([], { rev, method })).toMatchObject({ status: 409, body: { code: "changed" } });
      expect((await roster()).body.days).toHaveLength(1);
    }
  });

  it("that was read while a box was elsewhere is changed, and keeps the days of its people", async () => {
    const days = [on("02", null), on("02", null, { library: "gate-2" })];
    await send(days);
    await deps.deps.boxes.writer.set("gate-2", { site: "depot" });
    const [one, two] = await Promise.all([roster(), roster()]);
    expect(one.body).toMatchObject({ rev: 2, days: [days[0]] });
    expect(two.body).toEqual(one.body);
    await deps.deps.boxes.writer.set("gate-2", { site: "hq" });
    const answers = await Promise.all([2, 2].map((rev) => send([], { rev })));
    expect(answers.map(({ status }) => status)).toEqual([409, 409]);
    expect((await roster()).body).toMatchObject({ rev: 3, days });
    expect((await send([], { rev: 3 })).status).toBe(200);
  });

  it.each(["PUT", "PATCH"])(
    "that was empty and read while its boxes shared their people is changed by %s",
    async (method) => {
      const body = {
        code: "changed",
        detail: expect.stringContaining("its boxes share their people since, or no longer"),
      };
      const days = [on("02", null, { library: "~hq" })];
      expect(await send(days, { rev: 0, method })).toMatchObject({ status: 409, body });
      expect((await roster()).body).toMatchObject({ rev: 0, days: [] });
    },
  );

  it("has no version again after people were switched off and on", async () => {
    await send([on("02", null)]);
    for (const isOn of [false, true]) {
      const settings = { method: "PUT", body: JSON.stringify({ isOn, hoursDays: null }) };
      expect((await ask("/v1/people/settings", settings)).status).toBe(200);
    }
    const { rev, days } = (await roster()).body;
    expect(days).toEqual([]);
    expect(rev).toBeGreaterThan(1);
    expect((await send([on("03", null)], { rev: 1 })).status).toBe(409);
    expect((await send([on("03", null)], { rev })).status).toBe(200);
  });

  it("is seen and replaced by a limited caller as far as its boxes go", async () => {
    await pass("2026-11-02T08:30", { id: "2", box: "gate-2" });
    const part = await signedIn(deps, await addAccount(deps, "manager", { name: "Part", boxes: ["gate-1"] }));
    const others = on("02", null, { library: "gate-2", id: "2" });
    await send([on("02", null), others]);
    expect((await roster("hq/2026-11", part)).body).toMatchObject({ isPart: false, days: [on("02", null)] });
    expect((await send([others], { rev: 1, headers: part })).status).toBe(400);
    expect((await send([on("03", "sch_early")], { rev: 1, headers: part })).status).toBe(200);
    expect((await roster()).body.days).toEqual([on("03", "sch_early"), others]);
  });

  it("of people whom boxes share is changed by who sees all of them", async () => {
    await deps.deps.sites.put("hq", { sharesPeople: true });
    const part = await signedIn(deps, await addAccount(deps, "manager", { name: "Part", boxes: ["gate-1"] }));
    await pass("2026-11-02T08:30", { id: "2", box: "gate-2" });
    const shared = [on("02", null, { library: "~hq" }), on("02", null, { library: "~hq", id: "2" })];
    expect((await send(shared)).body).toMatchObject({ rev: 1, unknown: [] });
    expect((await roster("hq/2026-11", part)).body).toMatchObject({ isPart: true, days: [shared[0]] });
    expect(await send([], { rev: 1, headers: part })).toMatchObject({ status: 403, body: { code: "part-of-site" } });
    expect((await roster()).body).toMatchObject({ rev: 1, isPart: false, days: shared });
  });

  it("that was planned at boxes that share their people since is seen and counted alike by who sees one of them", async () => {
    await pass("2026-11-02T09:30", { box: "gate-2" });
    const part = await signedIn(deps, await addAccount(deps, "manager", { name: "Part", boxes: ["gate-1"] }));
    const other = { library: "gate-2", id: "1", day: "2026-11-04", kind: "leave", reason: "Was ill" };
    const { body: correction } = await ask("/v1/hours/corrections", { method: "POST", body: JSON.stringify(other) });
    await send([on("03", "sch_early", { library: "gate-2" })]);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    const read = async (headers: Record<string, string>) => {
      const asked = ["rosters/hq/2026-11", "hours?site=hq&from=2026-11-03&to=2026-11-04", "hours/~hq/1/2026-11-03"];
      const [planned, sheet, cell] = await Promise.all(asked.map((path) => ask(`/v1/${path}`, { headers })));
      return [planned?.body.days, sheet?.body.people[0].days, cell?.body.counted.flags];
    };
    const days = [
      { state: "absent", flags: ["roster"] },
      { state: "leave", isCorrected: true },
    ];
    const planned = [on("03", "sch_early", { library: "~hq" })];
    expect(await read({})).toMatchObject([planned, days, ["roster"]]);
    const [seen, seenDays, flags] = await read(part);
    const withoutPart = seenDays.map((day: { flags: string[] }) => ({
      ...day,
      flags: day.flags.filter((flag) => flag !== "part"),
    }));
    expect([seen, withoutPart, flags]).toEqual([planned, (await read({}))[1], ["roster", "part"]]);
    const takeBack = { method: "DELETE", headers: part };
    expect((await ask(`/v1/hours/corrections/${correction.id}`, takeBack)).status).toBe(204);
    const elsewhere = await signedIn(deps, await addAccount(deps, "manager", { name: "Other", boxes: ["gate-3"] }));
    await deps.deps.boxes.writer.set("gate-3", { site: "hq" });
    expect((await roster("hq/2026-11", elsewhere)).body.days).toEqual([]);
  });

  it("is for managers, and read by keys that read people", async () => {
    const guard = await signedIn(deps, await addAccount(deps, "guard"));
    expect((await roster("hq/2026-11", guard)).status).toBe(403);
    expect((await send([], { headers: guard })).status).toBe(403);
    for (const token of [deps.tokens.read, deps.tokens.ingest]) {
      expect((await ask("/v1/rosters/hq/2026-11", { token })).status).toBe(403);
    }
    await ask("/v1/people/settings", { method: "PUT", body: JSON.stringify({ isOn: false, hoursDays: null }) });
    expect(await roster()).toMatchObject({ status: 403, body: { code: "people-off" } });
  });

  it("is named in the preview and the receipt of an erasure, and gone", async () => {
    await send([on("02", null), on("02", null, { library: "gate-2" })]);
    const record = { what: "roster", id: "2026-11", site: "hq" };
    const found = (await ask("/v1/people?id=1")).body.records;
    expect(found).toEqual(
      expect.arrayContaining([
        { ...record, boxes: ["gate-1"] },
        { ...record, boxes: ["gate-2"] },
      ]),
    );
    const erased = await ask("/v1/people?id=1&box=gate-1", { method: "DELETE" });
    expect(erased.body.records).toEqual([record]);
    expect((await roster()).body.days).toEqual([on("02", null, { library: "gate-2" })]);
  });

  it("is in the audit log, without the ids of people", async () => {
    await send([on("02", null, { id: "someone-secret" })]);
    const { items } = await deps.deps.auditReader.list({ actions: ["roster-changed"] }, { limit: 10, cursor: null });
    const about = { site: "hq", month: "2026-11", days: 1 };
    expect(items).toMatchObject([
      { outcome: "done", about },
      { outcome: "asked", about },
    ]);
    expect(JSON.stringify(items)).not.toContain("someone-secret");
  });

  it("is kept as long as hours", async () => {
    await send([on("02", null)]);
    await ask("/v1/people/settings", { method: "PUT", body: JSON.stringify({ isOn: true, hoursDays: 900 }) });
    deps.ingest.now = noon + 800 * dayMs;
    expect((await roster()).body).toMatchObject({ rev: 1, days: [on("02", null)] });
    deps.ingest.now = noon + 930 * dayMs;
    expect((await roster()).body).toMatchObject({ rev: 0, days: [] });
  });
});
