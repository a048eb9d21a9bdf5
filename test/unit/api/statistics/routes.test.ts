import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { noon, passing, runtime, type TestRuntime } from "../support.ts";

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

const problem = z.object({ status: z.number(), detail: z.string() });

const refusal = async (path: string) => {
  const answer = await deps.ask(path);
  return problem.parse(await answer.json());
};

const get = async (path: string): Promise<unknown> => {
  const answer = await deps.ask(path);
  expect(answer.status).toBe(200);
  return answer.json();
};

describe("GET /v1/stats", () => {
  it("counts the last days by default", async () => {
    await deps.deliver(passing());
    await deps.deliver(passing({ timestamp: noon - 60 * 60_000, identity_id: "78" }));
    await deps.deliver(passing({ timestamp: noon - 8 * 24 * 60 * 60_000, identity_id: "79" }));
    expect(await get("/v1/stats")).toEqual({
      by: "hour",
      zone: "UTC",
      buckets: [
        { start: "2026-11-05T03:00:00+00:00", box: "gate-1", type: "employee", count: 1 },
        { start: "2026-11-05T04:00:00+00:00", box: "gate-1", type: "employee", count: 1 },
      ],
      match: [{ type: "employee", from: 90, to: 95, count: 2 }],
      busiest: { start: "2026-11-05T03:00:00+00:00", minutes: 30, count: 1 },
      usualWeek: expect.toSatisfy((week: number[][]) => week.flat().filter((mean) => mean > 0).length === 1),
    });
    const half = z.object({ buckets: z.array(z.unknown()) });
    expect(half.parse(await get("/v1/stats?by=half-hour")).buckets).toHaveLength(2);
    expect(half.parse(await get("/v1/stats?by=day")).buckets).toHaveLength(2);
  });

  it("counts the passings of several boxes", async () => {
    await deps.deliver(passing());
    const boxesOf = async (asked: string) => {
      const { buckets } = z.object({ buckets: z.array(z.object({ box: z.string() })) }).parse(await get(asked));
      return buckets.map(({ box }) => box);
    };
    expect(await boxesOf("/v1/stats?box=gate-2&box=gate-1")).toEqual(["gate-1"]);
    expect(await boxesOf("/v1/stats?box=gate-1&box=gate-1")).toEqual(["gate-1"]);
    expect(await boxesOf("/v1/stats?box=gate-2&box=gate-3")).toEqual([]);
  });

  it("counts by device, and beside the week before", async () => {
    const weekMs = 7 * 24 * 60 * 60_000;
    await deps.deliver(passing());
    await deps.deliver(passing({ timestamp: noon - weekMs, identity_id: "78" }));
    const bucket = { start: "2026-11-05T04:00:00+00:00", box: "gate-1", type: "employee" };
    expect(await get(`/v1/stats?by=hour&compare=week&from=${noon - 3_600_000}`)).toMatchObject({
      buckets: [{ ...bucket, count: 1, before: 1 }],
    });
    expect(await get(`/v1/stats?by=device&from=${noon - 1}`)).toMatchObject({
      by: "hour",
      buckets: [{ ...bucket, device: "BOX1__10.0.0.2", count: 1 }],
    });
    const day = { ...bucket, start: "2026-11-05T00:00:00+00:00", count: 1 };
    expect(await get(`/v1/stats?by=device&by=day&device=BOX1__10.0.0.2&from=${noon - 1}`)).toMatchObject({
      by: "day",
      buckets: [day],
    });
    const other = "__proto__";
    expect(await get(`/v1/stats?device=${other}`)).toMatchObject({ buckets: [], match: [], busiest: null });
  });

  it("accepts a time as a number, and a zone in any case", async () => {
    await deps.deliver(passing());
    const asked = `from=${noon}&to=${noon + 1}&zone=asia/shanghai&by=day`;
    expect(await get(`/v1/stats?${asked}`)).toMatchObject({
      buckets: [{ start: "2026-11-05T00:00:00+08:00", count: 1 }],
    });
  });

  it.each([
    ["zone=Nowhere/Else", "zone: must be a time zone as Asia/Shanghai"],
    ["zone=", "zone: must be a time zone as Asia/Shanghai"],
    [`zone=${"x".repeat(100)}`, /^zone: /],
    ["zone=UTC%00", "zone: must be a time zone as Asia/Shanghai"],
    ["by=month", /^by: /],
    ["from=1999-12-31T23:59:59Z", "from: must be a time from 2000 to 2999"],
    ["to=3000-01-01T00:00:00Z", "to: must be a time from 2000 to 2999"],
    ["to=8640000000000000", "to: must be a time from 2000 to 2999"],
    ["to=-8640000000000000", "to: must be a time from 2000 to 2999"],
    ["from=yesterday", /^from: must be a time with its zone, as [^;]+$/],
    ["from=2026-11-06T00:00:00Z&to=2026-11-05T00:00:00Z", "from: must be before to"],
    ["from=2026-11-06T00:00:00Z", "from: must be before to"],
    ["from=2026-01-01T00:00:00Z&by=half-hour", "from: by half-hour, ask for at most 31 days at once"],
    ["box=", /^box: must not be empty/],
    ["type=vip", /^unknown parameter "type"/],
    ["by=day&by=hour", "by: give one of half-hour, hour and day, and device beside it"],
    ["compare=year", /^compare: /],
    ["device=", /^device: must not be empty/],
    [`device=${"x".repeat(1025)}`, /^device: /],
  ])("refuses %s", async (query, detail) => {
    expect(await refusal(`/v1/stats?${query}`)).toEqual({
      status: 400,
      detail: typeof detail === "string" ? detail : expect.stringMatching(detail),
    });
  });

  it.each(["2000-01-01T00:00:00Z", "2999-12-31T23:59:59Z", "2026-11-05T00:00:00Z"])(
    "answers for a day up to %s in every zone",
    async (to) => {
      await deps.deliver(passing());
      const first = new Date(Math.max(Date.parse(to) - 24 * 60 * 60_000, Date.UTC(2000, 0))).toISOString();
      for (const zone of Intl.supportedValuesOf("timeZone")) {
        const answer = await deps.ask(`/v1/stats?from=${first}&to=${to}&zone=${encodeURIComponent(zone)}`);
        expect([zone, answer.status]).toEqual([zone, 200]);
      }
    },
  );
});

describe("GET /v1/flags", () => {
  it("counts flags of the last day, the most frequent first", async () => {
    for (const n of [1, 2]) await deps.deliver(passing({ timestamp: 1000 * n, identity_id: `${n}` }));
    await deps.deliver(passing({ reg_pic: "cut off" }), { box: "lobby" });
    await deps.deliver(passing({ reg_pic: "cut off", identity_id: "78", timestamp: noon - 25 * 60 * 60_000 }));
    const latest = expect.stringMatching(/^evt_/);
    expect(await get("/v1/flags")).toEqual({
      flags: [
        { flag: "clock", box: "gate-1", count: 2, latest, at: "2026-11-05T04:00:00.500Z" },
        { flag: "picture-unreadable:registered", box: "lobby", count: 1, latest, at: "2026-11-05T04:00:00.000Z" },
      ],
    });
    expect(await get("/v1/flags?to=2026-11-04T04:00:00Z")).toMatchObject({ flags: [{ box: "gate-1", count: 1 }] });
  });

  it.each([
    ["from=2026-11-06T00:00:00Z", "from: must be before to"],
    ["from=2026-01-06T00:00:00Z", "from: ask for at most 92 days at once"],
    ["from=1970-01-01T00:00:00Z", "from: must be a time from 2000 to 2999"],
  ])("refuses %s", async (query, detail) => {
    expect(await refusal(`/v1/flags?${query}`)).toEqual({ status: 400, detail });
  });
});

describe("GET /v1/counts", () => {
  it("counts today's passings and open tasks", async () => {
    await deps.deliver(passing({ want_action: "1002", reg_pic: "cut off" }));
    await deps.deliver(passing({ timestamp: Date.parse("2026-11-04T15:59:59Z"), identity_id: "78" }));
    expect(await get("/v1/counts?zone=Asia/Shanghai")).toEqual({
      today: 1,
      actions: { pending: 1, announced: 0, failed: 0 },
      boxes: { reporting: 1, silent: 0 },
      problems: { quarantine: 1, deadletters: null, flagged: 1, sinceSeen: 1 },
    });
    expect(await get(`/v1/counts?seen=${noon + 500}`)).toMatchObject({ today: 1, problems: { sinceSeen: 1 } });
    expect(await get(`/v1/counts?seen=${noon + 501}`)).toMatchObject({ problems: { quarantine: 1, sinceSeen: 0 } });
  });

  it.each([
    ["zone=Mars/Olympus", "zone: must be a time zone as Asia/Shanghai"],
    ["seen=soon", /^seen: must be a time/],
  ])("refuses %s", async (query, detail) => {
    const expected = typeof detail === "string" ? detail : expect.stringMatching(detail);
    expect(await refusal(`/v1/counts?${query}`)).toEqual({ status: 400, detail: expected });
  });
});
