import { dayMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { noon, passing, runtime, type TestRuntime, told } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
  await deps.deliver(passing({ identity_id: "7" }));
});

async function ask(path: string, json?: object, method = json === undefined ? "GET" : "POST") {
  const sent = json === undefined ? { method } : { method, body: JSON.stringify(json) };
  return told(deps, path, sent);
}

const set = (isOn: boolean, hoursDays: number | null = null) => ask("/v1/people/settings", { isOn, hoursDays }, "PUT");

const day = new Date(noon).toISOString().slice(0, 10);
const correction = { library: "gate-1", id: "7", day, kind: "leave", reason: "Was ill" };
const hoursOf = (from: string, to = from) => ask(`/v1/hours?site=hq&from=${from}&to=${to}`);

const closed = [
  ["GET", "/v1/people", undefined],
  ["GET", "/v1/people/gate-1/7", undefined],
  ["GET", `/v1/people/gate-1/7/days?from=${day}&to=${day}`, undefined],
  ["GET", "/v1/people/gate-1/7/captures", undefined],
  ["GET", "/v1/presence?site=hq", undefined],
  ["GET", "/v1/rolls", undefined],
  ["POST", "/v1/rolls", { site: "hq", isDrill: true }],
  ["GET", `/v1/hours?site=hq&from=${day}&to=${day}`, undefined],
  ["GET", `/v1/hours/gate-1/7/${day}`, undefined],
  ["POST", "/v1/hours/corrections", correction],
  ["PATCH", "/v1/people/gate-1/7", { leftOn: day }],
  ["POST", "/v1/hours/close", { site: "hq", month: "2026-10" }],
  ["GET", "/v1/hours/mail?site=hq", undefined],
  ["POST", "/v1/jobs", { kind: "export", what: "people", format: "csv", filter: { site: "hq" } }],
] as const;

describe("the settings of people", () => {
  it("are on, and hours are kept as long as events", async () => {
    expect(await ask("/v1/people/settings")).toEqual({
      status: 200,
      body: { isOn: true, hoursDays: null, keptDays: 30 },
    });
    expect((await ask("/v1/me")).body.server.people).toBe(true);
  });

  it.each(closed)("%s %s is closed while people are off", async (method, path, json) => {
    expect(await set(false)).toMatchObject({ status: 200, body: { isOn: false } });
    expect(await ask(path, json, method)).toMatchObject({ status: 403, body: { code: "people-off" } });
    expect((await ask("/v1/me")).body.server.people).toBe(false);
    await set(true);
    expect((await ask(path, json, method)).body?.code).not.toBe("people-off");
  });

  it("leave events, strangers and the preview of an erasure open while people are off", async () => {
    await set(false);
    expect((await ask("/v1/people?id=7")).body.people).toHaveLength(1);
    const { body } = await ask("/v1/events");
    expect(body.events).toHaveLength(1);
    expect((await ask(`/v1/events/${body.events[0].id}/near`)).status).toBe(200);
  });

  it("remove corrections when people are switched off", async () => {
    const { body } = await ask("/v1/hours/corrections", correction);
    expect((await hoursOf(day)).body.people[0].days[0].state).toBe("leave");
    await set(false);
    await set(true);
    expect((await hoursOf(day)).body.people[0].days[0].state).not.toBe("leave");
    expect(await deps.deps.hoursCorrections.get(body.id)).toBeNull();
  });

  it("end exports of people when people are switched off", async () => {
    const job = { kind: "export", what: "people", format: "csv", filter: { site: "hq" } };
    const { body } = await ask("/v1/jobs", job);
    await set(false);
    expect((await ask(`/v1/jobs/${body.id}`)).body).toMatchObject({
      state: "failed",
      reason: "people were switched off",
    });
  });

  it("refuse days that are none, and are for administrators", async () => {
    for (const hoursDays of [0, 3651, 1.5]) expect((await set(true, hoursDays)).status).toBe(400);
    const read = await deps.ask("/v1/people/settings", { token: deps.tokens.read });
    expect(read.status).toBe(403);
  });
});

describe("the days for which hours are kept", () => {
  beforeEach(async () => {
    await set(true, 60);
    await ask("/v1/hours/corrections", { ...correction, day: "2026-10-20" });
    deps.ingest.now = Date.UTC(2026, 10, 6);
    expect((await ask("/v1/hours/close", { site: "hq", month: "2026-10" })).status).toBe(200);
  });

  const october20 = async () =>
    (await hoursOf("2026-10-20")).body.people.flatMap(({ days }: { days: object[] }) => days);

  it("keep a closed day longer than its events", async () => {
    deps.ingest.now = Date.UTC(2026, 10, 20) + 20 * dayMs;
    expect(await october20()).toMatchObject([{ state: "leave", isCorrected: true }]);
  });

  it("hide a closed day at once after they are shortened, and bring it back", async () => {
    deps.ingest.now = Date.UTC(2026, 10, 24);
    await set(true, null);
    expect(await october20()).toEqual([]);
    await set(true, 60);
    expect(await october20()).toMatchObject([{ state: "leave" }]);
  });

  it("remove a closed month when they are over", async () => {
    deps.ingest.now = Date.UTC(2026, 10, 1) + 61 * dayMs;
    expect(await deps.deps.closedMonths.get("hq", "2026-10")).toBeNull();
    const again = await ask("/v1/hours/close", { site: "hq", month: "2026-10" });
    expect(again).toMatchObject({ status: 409, body: { code: "no-longer-kept" } });
  });

  it("refuse a correction of a day that is not kept any more", async () => {
    const late = await ask("/v1/hours/corrections", { ...correction, day: "2026-08-01" });
    expect(late).toMatchObject({ status: 409, body: { code: "no-longer-kept" } });
  });
});

it("a correction of hours that is sent again with its idempotency key is made once", async () => {
  const send = (key: string) => {
    const body = JSON.stringify(correction);
    return deps.ask("/v1/hours/corrections", { method: "POST", body, headers: { "idempotency-key": key } });
  };
  const idOf = async (sent: Promise<Response>) => ((await (await sent).json()) as { id: string }).id;
  const [first, second, other] = await Promise.all([send("a"), send("a"), send("b")].map(idOf));
  expect([second === first, other === first]).toEqual([true, false]);
  const { body } = await ask(`/v1/hours/gate-1/7/${day}`);
  expect(body.corrections).toHaveLength(2);
});
