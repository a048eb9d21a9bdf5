import { dayMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passes, runtime, type TestRuntime, told } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.sites.put("hq", { zone: "Asia/Shanghai" });
  for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
  await deps.deps.schedules.put("hq", {
    id: "sch_office",
    name: "Office",
    groups: ["Office"],
    start: "09:00",
    end: "18:00",
    lateAfter: 0,
    earlyBefore: 0,
    weekdays: [1, 2, 3, 4, 5],
    inWindow: ["05:00", "12:00"],
    outWindow: ["12:00", "23:00"],
    breaks: [],
    validFrom: "2026-01-01",
  });
  await pass("2026-10-19T09:00");
  await pass("2026-10-19T18:00");
});

const pass = (time: string, who: { id?: string; box?: string } = {}) => passes(deps, time, who);
const ask = (path: string, asking: Parameters<TestRuntime["ask"]>[1] = {}) => told(deps, path, asking);

const set = (leftOn: unknown, { person = "gate-1/1", headers = {} }: { person?: string; headers?: object } = {}) =>
  ask(`/v1/people/${person}`, { method: "PATCH", body: JSON.stringify({ leftOn }), headers: { ...headers } });

const hours = async (from: string, to: string) => (await ask(`/v1/hours?site=hq&from=${from}&to=${to}`)).body;
const statesOf = async (from: string, to: string) =>
  (await hours(from, to)).people.map(({ days }: { days: { state: string }[] }) => days.map(({ state }) => state));

describe("the last day of a person", () => {
  it("ends the days of work, and its taking back begins them again", async () => {
    expect(await statesOf("2026-10-19", "2026-10-22")).toEqual([["worked", "absent", "absent", "absent"]]);
    const headers = await signedIn(deps, await addAccount(deps, "manager", { name: "Chen" }));
    const by = { account: expect.stringMatching(/^acc_/), name: "Chen" };
    const leftOn = { day: "2026-10-20", at: expect.stringMatching(/Z$/), by };
    expect(await set("2026-10-20", { headers })).toEqual({ status: 200, body: { leftOn } });
    expect(await statesOf("2026-10-19", "2026-10-22")).toEqual([["worked", "absent", "none", "none"]]);
    expect((await hours("2026-10-01", "2026-10-31")).sum).toMatchObject({ people: 1, absent: 1 });
    expect((await hours("2026-10-21", "2026-10-31")).people).toEqual([]);
    expect((await ask("/v1/people/gate-1/1")).body).toMatchObject({ leftOn, schedule: null });
    expect(await set("2026-10-21")).toMatchObject({ body: { leftOn: { day: "2026-10-21" } } });
    expect(await set(null)).toEqual({ status: 200, body: { leftOn: null } });
    expect(await set(null)).toEqual({ status: 200, body: { leftOn: null } });
    expect(await statesOf("2026-10-19", "2026-10-22")).toEqual([["worked", "absent", "absent", "absent"]]);
    expect((await ask("/v1/people/gate-1/1")).body).toMatchObject({ leftOn: null, schedule: "sch_office" });
  });

  it("leaves the times of later passings", async () => {
    await pass("2026-10-22T11:00");
    await pass("2026-10-22T15:00");
    await set("2026-10-20");
    const [person] = (await hours("2026-10-20", "2026-10-23")).people;
    expect(person.days.map(({ state }: { state: string }) => state)).toEqual(["absent", "none", "worked", "none"]);
    expect(person.days[2]).toMatchObject({ minutes: 240, late: 0, early: 0 });
    const { body } = await ask("/v1/hours/gate-1/1/2026-10-22");
    expect(body).toMatchObject({ schedule: null, passings: [{ use: "first-in" }, { use: "last-out" }] });
  });

  it("changes no closed month, which says what it would have changed", async () => {
    const close = { method: "POST", body: JSON.stringify({ site: "hq", month: "2026-10" }) };
    expect(await ask("/v1/hours/close", close)).toMatchObject({ status: 200 });
    const before = await hours("2026-10-01", "2026-10-31");
    await set("2026-10-28");
    const after = await hours("2026-10-01", "2026-10-31");
    expect([after.people[0].days, after.sum]).toEqual([before.people[0].days, before.sum]);
    expect(after.wouldHaveChanged).toEqual([
      { library: "gate-1", id: "1", day: "2026-10-29" },
      { library: "gate-1", id: "1", day: "2026-10-30" },
    ]);
    expect(await statesOf("2026-11-02", "2026-11-04")).toEqual([]);
  });

  it("is counted in the export, and in the days of a person", async () => {
    await set("2026-10-20");
    const { body } = await ask("/v1/people/gate-1/1/days?from=2026-10-19&to=2026-10-21");
    expect(body.days.map(({ state }: { state: string }) => state)).toEqual(["worked", "absent", "none"]);
    const tried = { site: "hq", name: "Late", groups: ["Office"], start: "10:00", end: "18:00", lateAfter: 0 };
    const windows = { inWindow: ["05:00", "12:00"], outWindow: ["12:00", "23:00"] };
    const schedule = { ...tried, ...windows, earlyBefore: 0, weekdays: [1, 2, 3, 4, 5], validFrom: "2026-10-21" };
    const answer = await ask("/v1/schedules/sch_office/try", { method: "POST", body: JSON.stringify(schedule) });
    expect(answer.body).toEqual({ cells: 0 });
  });

  it.each([
    ["2026-10-18", "leftOn: the first kept passing is on 2026-10-19; give that day or a later one"],
    ["2027-11-07", "leftOn: must be 2027-11-06 at the latest"],
    ["9999-12-31", "leftOn: must be 2027-11-06 at the latest"],
    ["0001-01-01", "leftOn: the first kept passing is on 2026-10-19; give that day or a later one"],
  ])("is refused on %s, with a sentence", async (leftOn, detail) => {
    expect(await set(leftOn)).toMatchObject({ status: 400, body: { detail } });
    expect(await deps.deps.lastDays.of("hq")).toEqual([]);
  });

  it.each([
    ...["2026-02-30", "2026-10-20T00:00:00Z", "20.10.2026", "", " 2026-10-20", `2026-10-20${"0".repeat(90)}`],
    ...[undefined, 20261020, true, ["2026-10-20"], { day: "2026-10-20" }, "２０２６-10-20", "2026-10-20\u0000"],
  ])("is refused if it is no date: %j", async (leftOn) => {
    expect(await set(leftOn)).toMatchObject({ status: 400, body: { detail: expect.stringContaining("leftOn") } });
    expect(await deps.deps.lastDays.of("hq")).toEqual([]);
  });

  it("may be the day of the first passing, and a year ahead", async () => {
    for (const leftOn of ["2026-10-19", "2027-11-06"]) expect((await set(leftOn)).status).toBe(200);
  });

  it("is refused for an unknown person, with other members, and for guards", async () => {
    for (const person of ["gate-1/2", "gate-2/1", "~hq/1", "nowhere/1", "gate-1/%00"]) {
      expect([person, (await set("2026-10-20", { person })).status]).toEqual([person, 404]);
    }
    const body = JSON.stringify({ leftOn: null, name: "P2" });
    expect((await ask("/v1/people/gate-1/1", { method: "PATCH", body })).status).toBe(400);
    const headers = await signedIn(deps, await addAccount(deps, "guard"));
    expect((await set("2026-10-20", { headers })).status).toBe(403);
    await deps.ask("/v1/people?id=1&all=1", { method: "DELETE" });
    expect(await set("2026-10-20")).toMatchObject({ status: 410, body: { code: "erased" } });
  });

  it("is of the one person after boxes share their people: the newest that was set, for everyone, until it is taken back", async () => {
    await pass("2026-10-19T12:00", { box: "gate-2" });
    await set("2026-10-20", { person: "gate-1/1" });
    deps.ingest.now += 1000;
    await set("2026-10-21", { person: "gate-2/1" });
    await deps.deps.sites.put("hq", { sharesPeople: true });
    const part = await signedIn(deps, await addAccount(deps, "manager", { name: "Part", boxes: ["gate-1"] }));
    for (const headers of [{}, part]) {
      const { body } = await ask("/v1/hours?site=hq&from=2026-10-20&to=2026-10-23", { headers });
      const states = body.people[0].days.map(({ state }: { state: string }) => state);
      expect(states).toEqual(["absent", "absent", "none", "none"]);
      expect((await ask("/v1/hours/~hq/1/2026-10-22", { headers })).body.counted.state).toBe("none");
      expect((await ask("/v1/people/~hq/1", { headers })).body.leftOn.day).toBe("2026-10-21");
    }
    // The clock is set back.
    deps.ingest.now -= 5000;
    await set("2026-10-22", { person: "~hq/1" });
    expect(await statesOf("2026-10-20", "2026-10-23")).toEqual([["absent", "absent", "absent", "none"]]);
    expect(await set(null, { person: "~hq/1" })).toMatchObject({ status: 200 });
    expect((await ask("/v1/people/~hq/1")).body.leftOn).toBeNull();
    expect(await statesOf("2026-10-22", "2026-10-23")).toEqual([["absent", "absent"]]);
  });

  it("is taken back also as it was set at a box that shares its people since", async () => {
    await set("2026-10-20");
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect(await set(null, { person: "~hq/1" })).toMatchObject({ status: 200 });
    expect(await statesOf("2026-10-21", "2026-10-22")).toEqual([["absent", "absent"]]);
  });

  it.each([true, false])("is set by who sees the library, shared people: %s", async (sharesPeople) => {
    await deps.deps.sites.put("hq", { sharesPeople });
    await pass("2026-10-19T09:30", { box: "gate-2", id: "2" });
    const part = await signedIn(deps, await addAccount(deps, "manager", { name: "Part", boxes: ["gate-1"] }));
    const whole = await signedIn(deps, await addAccount(deps, "manager", { name: "Whole", sites: ["hq"] }));
    const library = sharesPeople ? "~hq" : "gate-1";
    for (const leftOn of ["2026-10-20", null]) {
      const answer = await set(leftOn, { person: `${library}/1`, headers: part });
      const detail = "this is for the whole site, and you see a part of it; ask who sees all";
      expect(answer).toMatchObject(
        sharesPeople ? { status: 403, body: { detail, code: "part-of-site" } } : { status: 200 },
      );
    }
    const other = sharesPeople ? "~hq" : "gate-2";
    expect((await set("2026-10-20", { person: `${other}/2`, headers: part })).status).toBe(404);
    expect((await set("2026-10-20", { person: `${other}/2`, headers: whole })).status).toBe(200);
    expect((await set("2026-10-20", { person: `${library}/1`, headers: whole })).status).toBe(200);
    const shown = await ask(`/v1/people/${library}/1`, { headers: part });
    expect(shown.body).toMatchObject({ leftOn: { day: "2026-10-20" } });
  });

  it("is named in the preview and the receipt of an erasure, and gone", async () => {
    await set("2026-10-20");
    const record = { what: "last-day", id: "2026-10-20", site: "hq" };
    expect((await ask("/v1/people?id=1")).body.records).toEqual([{ ...record, boxes: ["gate-1"] }]);
    const erased = await ask("/v1/people?id=1&box=gate-1", { method: "DELETE" });
    expect(erased.body.records).toEqual([record]);
    expect(await deps.deps.lastDays.of("hq")).toEqual([]);
  });

  it("is in the audit log, without the id of the person", async () => {
    await pass("2026-10-19T09:00", { id: "someone-secret" });
    await set("2026-10-20", { person: "gate-1/someone-secret" });
    await set(null, { person: "gate-1/someone-secret" });
    const { items } = await deps.deps.auditReader.list({ actions: ["last-day-set"] }, { limit: 10, cursor: null });
    expect(items).toMatchObject([
      { outcome: "done", about: { library: "gate-1", removed: true } },
      { outcome: "asked" },
      { outcome: "done", about: { library: "gate-1", leftOn: "2026-10-20" } },
      { outcome: "asked" },
    ]);
    expect(JSON.stringify(items)).not.toContain("someone-secret");
  });

  it("is removed when people are switched off", async () => {
    await set("2026-10-20");
    await deps.ask("/v1/people/settings", { method: "PUT", body: JSON.stringify({ isOn: false, hoursDays: null }) });
    expect(await deps.deps.lastDays.of("hq")).toEqual([]);
    expect(await set("2026-10-20")).toMatchObject({ status: 403, body: { code: "people-off" } });
  });

  it("counts for a later visit, though its hours are not kept any more", async () => {
    await set("2026-10-20");
    deps.ingest.now = noon + 45 * dayMs;
    await pass("2026-12-16T10:00");
    expect(await statesOf("2026-12-16", "2026-12-18")).toEqual([["open", "none", "none"]]);
  });
});
