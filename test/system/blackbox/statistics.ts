import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { fixture } from "../../support/fixtures.ts";
import { history, realtime, stranger } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";

const created = z.object({ token: z.string() });
const stats = z.object({
  buckets: z.array(
    z.object({
      start: z.string(),
      box: z.string(),
      device: z.string().nullish(),
      type: z.string(),
      count: z.number(),
      before: z.number().optional(),
    }),
  ),
  busiest: z.object({ start: z.string(), minutes: z.literal(30), count: z.number() }).nullable(),
  usualWeek: z.array(z.array(z.number()).length(24)).length(7),
});
const flags = z.object({ flags: z.array(z.object({ flag: z.string(), box: z.string(), count: z.number() })) });
const counts = z.object({
  today: z.number(),
  problems: z.object({ quarantine: z.number(), flagged: z.number(), sinceSeen: z.number() }),
});
const found = z.object({ events: z.array(z.object({ id: z.string() })) });

/** A day of the past on which nothing else passes. */
const day = Date.UTC(2026, 9, 3);
const hour = 60 * 60 * 1000;
const dayMs = 24 * hour;

/** A zone in which it is about noon, so that no test runs over midnight. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

/** The statistics of a console, on any runtime. */
export function statistics(runtime: string, start: () => Promise<Running>): void {
  describe(`on ${runtime}, a console counts`, () => {
    let running: Running;
    let client: Client;
    let limited: string;
    const [gate, other] = [`gate-${randomUUID().slice(0, 8)}`, `lobby-${randomUUID().slice(0, 8)}`];
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      const box = new Box(running.url, (await client.createKey(gate)).token);
      const second = new Box(running.url, (await client.createKey(other)).token);
      const at = (ms: number) => ({ timestamp: day + ms });
      await box.post("/RealTimeEvent", realtime(at(8 * hour)));
      await box.post("/HistoryEvent", history(at(8 * hour)));
      await box.post("/HistoryEvent", history(at(8 * hour)));
      await box.post("/HistoryEvent", stranger(at(8.5 * hour)));
      await box.post("/HistoryEvent", history({ ...at(20 * hour), reg_pic: "no picture" }));
      await second.post("/HistoryEvent", history({ ...at(20 * hour), identity_id: "79" }));
      await second.post("/HistoryEvent", history({ timestamp: Date.now(), identity_id: "81" }));
      await second.post("/HistoryEvent", "{broken");
      const key = await client.post("/v1/keys", { scope: "read", boxes: [other] });
      limited = created.parse(await key.json()).token;
    });
    afterAll(() => running.stop());

    it("reports on an unexpected path, on the page of their box", async () => {
      const name = `mixed-${randomUUID().slice(0, 8)}`;
      const box = new Box(running.url, (await client.createKey(name)).token);
      const timestamp = Date.UTC(2025, 9, 3);
      for (const identity_id of ["82", "83"]) await box.post("/HistoryEvent", history({ timestamp, identity_id }));
      await box.post("/box/report", history({ timestamp, identity_id: "84" }));
      await box.post("/HistoryEvent", fixture("stored-v6", "minimal"));
      const others = `unexpected-${randomUUID().slice(0, 8)}`;
      const wrong = new Box(running.url, (await client.createKey(others)).token);
      await wrong.post("/RealTimeEvent", history({ timestamp, identity_id: "85", want_action: "0" }));
      const [event] = await client.events(`&box=${others}`);
      expect(event).toMatchObject({ flags: [], reports: [{ kind: "history", dialect: "history-nested" }] });
      const shown = z.object({ unexpectedPaths: z.array(z.looseObject({ lastSeen: z.iso.datetime() })) });
      const paths = async (of: string) => shown.parse(await ask(`/v1/boxes/${of}`)).unexpectedPaths;
      await expect.poll(() => paths(others)).toMatchObject([{ type: "real-time", dialect: "history-nested" }]);
      expect(await paths(name)).toEqual([]);
    });

    const range = `from=${day}&to=${day + 24 * hour}`;
    const ask = async (path: string, token = running.admin): Promise<unknown> => {
      const answer = await fetch(running.url + path, { headers: { authorization: `Bearer ${token}` } });
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.json();
    };
    const bucketsOf = async (query: string, token?: string) =>
      stats
        .parse(await ask(`/v1/stats?${range}&${query}`, token))
        .buckets.map(({ start, box, type, count }) => [start, box === gate ? "gate" : "other", type, count]);
    const known = expect.stringMatching(/^(?!stranger)/);

    it("passings by hour of a zone, each once", async () => {
      await expect
        .poll(() => bucketsOf("by=hour&zone=Asia/Shanghai"))
        .toEqual([
          ["2026-10-03T16:00:00+08:00", "gate", known, 1],
          ["2026-10-03T16:00:00+08:00", "gate", "stranger", 1],
          ["2026-10-04T04:00:00+08:00", "gate", known, 1],
          ["2026-10-04T04:00:00+08:00", "other", known, 1],
        ]);
      const { busiest } = stats.parse(await ask(`/v1/stats?${range}`));
      expect(busiest).toEqual({ start: "2026-10-03T20:00:00+00:00", minutes: 30, count: 2 });
    });

    it("by half-hour and day, and of one box", async () => {
      await expect
        .poll(() => bucketsOf(`by=half-hour&box=${gate}`))
        .toEqual([
          ["2026-10-03T08:00:00+00:00", "gate", known, 1],
          ["2026-10-03T08:30:00+00:00", "gate", "stranger", 1],
          ["2026-10-03T20:00:00+00:00", "gate", known, 1],
        ]);
      const days = await bucketsOf(`by=day&zone=America/New_York&box=${gate}`);
      expect(days.map(([start]) => start)).toEqual(["2026-10-03T00:00:00-04:00", "2026-10-03T00:00:00-04:00"]);
    });

    it("passings of each device, and beside the week before", async () => {
      const asked = `from=${day + 7 * dayMs}&to=${day + 8 * dayMs}&by=day&by=device&compare=week&box=${gate}`;
      const read = async (query: string) => stats.parse(await ask(`/v1/stats?${query}`)).buckets;
      await expect
        .poll(() => read(asked))
        .toMatchObject([
          { count: 0, before: 2 },
          { type: "stranger", before: 1 },
        ]);
      const [bucket] = await read(asked);
      expect(bucket?.device).toMatch(/./);
      const ofDevice = await read(`${asked}&device=${encodeURIComponent(bucket?.device ?? "")}`);
      expect(ofDevice).toContainEqual(bucket);
      expect(await read(`${asked}&device=another`)).toEqual([]);
    });

    it("events by their flags", async () => {
      const flagged = async () => flags.parse(await ask(`/v1/flags?${range}`)).flags;
      await expect
        .poll(flagged)
        .toEqual([expect.objectContaining({ flag: "picture-unreadable:registered", box: gate, count: 1 })]);
    });

    it("today's events and open problems", async () => {
      const before = Date.now();
      const read = async (token?: string) =>
        counts.parse(await ask(`/v1/counts?seen=${before}&zone=${encodeURIComponent(zoneAtNoon())}`, token));
      // Others may share the store: with this key only its box is counted.
      await expect
        .poll(() => read(limited), { interval: 500 })
        .toMatchObject({
          today: 1,
          problems: { quarantine: 1, flagged: 0, sinceSeen: 0 },
        });
      const all = counts.parse(await ask("/v1/counts"));
      expect(all.problems.sinceSeen).toBeGreaterThanOrEqual(2);
    });

    it("no events of another box for a limited key", async () => {
      await expect.poll(() => bucketsOf("", limited)).toEqual([["2026-10-03T20:00:00+00:00", "other", known, 1]]);
      expect(await bucketsOf(`box=${gate}`, limited)).toEqual([]);
      expect(flags.parse(await ask(`/v1/flags?${range}`, limited)).flags).toEqual([]);
    });

    it("erased passings still", async () => {
      const { events } = found.parse(await ask(`/v1/events?${range}&box=${other}`));
      const [event] = events;
      const answer = await fetch(`${running.url}/v1/events/${event?.id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${running.admin}` },
      });
      expect(answer.status).toBe(204);
      expect(await bucketsOf("", limited)).toEqual([["2026-10-03T20:00:00+00:00", "other", known, 1]]);
    });
  });
}
