import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { success } from "../../support/http.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { isWhole } from "../../support/seeded.ts";
import type { Running } from "./main-job.ts";

const job = z.object({ id: z.string(), state: z.string(), result: z.looseObject({}).nullable() });

const waiting = z.object({
  records: z.array(z.looseObject({ reason: z.string(), replay: z.object({ of: z.number() }).nullable() })),
});

export interface RunningJobs extends Running {
  /** Makes the jobs of batches that wait, as a schedule does; not needed on one machine. */
  sweepJobs?(): Promise<unknown>;
}

/** Jobs and erasures as a console sees them, on any runtime. */
export function jobsBlackbox(runtime: string, start: () => Promise<RunningJobs>): void {
  describe(`on ${runtime}, jobs`, () => {
    let running: RunningJobs;
    let client: Client;
    let box: Box;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      box = new Box(running.url, (await client.createKey("gate-1")).token);
    });
    afterAll(() => running.stop());

    const passing = (id: string, n: number) =>
      history({ identity_id: id, timestamp: noon + n }, { recognize_face: photo(`${id} face ${n}`) });
    const post = async (id: string, n: number) =>
      expect((await box.post("/HistoryEvent", passing(id, n))).status).toBe(200);
    const ended = async (body: object, as = client) => {
      const asked = await as.post("/v1/jobs", body);
      expect(asked.status).toBe(202);
      const { id } = job.parse(await asked.json());
      const now = async () => job.parse(await (await client.get(`/v1/jobs/${id}`)).json());
      await expect.poll(async () => (await now()).state, { interval: 100 }).not.toMatch(/waiting|running/);
      return now();
    };
    const open = (result: Record<string, unknown> | null) => fetch(new URL(String(result?.["url"]), running.url));

    it("export, replay and erase; erased data is gone and stays so", async () => {
      for (let n = 0; n < 3; n++) await post("4711", n);
      await post("4712", 0);
      await box.post("/HistoryEvent", "garbage");
      const exported = await ended({ kind: "export", format: "zip", filter: { person: "4711" } });
      expect(exported).toMatchObject({ state: "done", result: { events: 3 } });
      const file = await open(exported.result);
      expect(file.status).toBe(200);
      const bytes = Buffer.from(await file.arrayBuffer());
      for (let n = 0; n < 3; n++) expect(bytes.includes(jpeg(`4711 face ${n}`))).toBe(true);
      expect(await ended({ kind: "replay" })).toMatchObject({ state: "done", result: { stored: 0 } });
      const people = async () => (await client.get("/v1/people?id=4711")).json();
      expect(await people()).toMatchObject({
        people: [{ box: "gate-1", events: 3, pictures: 3 }],
        suppressedSince: null,
      });
      const erased = await ended({ kind: "erase", person: "4711", boxes: ["gate-1"] });
      expect(erased).toMatchObject({
        state: "done",
        result: {
          erased: { events: 3, pictures: 3 },
          kept: { pictures: 0 },
          unknown: { quarantine: 1 },
          suppressed: true,
        },
      });
      expect((await open(exported.result)).status).toBeGreaterThanOrEqual(400);
      expect(await people()).toMatchObject({ people: [], suppressedSince: expect.any(String) });
      expect((await client.events()).map(({ person }) => person.id)).toEqual(["4712"]);
    });

    it("export a site by its key, and erase a person of a closed month", async () => {
      const [site, gate, id] = [randomUUID(), randomUUID(), "4721"];
      const { now } = z.object({ now: z.iso.datetime() }).parse(await (await client.get("/v1/me")).json());
      const lastNoon = Date.UTC(Number(now.slice(0, 4)), Number(now.slice(5, 7)) - 1, 0, 12);
      const [day, month] = [10, 7].map((length) => new Date(lastNoon).toISOString().slice(0, length));
      const sent = async (method: string, path: string, body: object) => {
        const headers = { authorization: `Bearer ${running.admin}`, "content-type": "application/json" };
        const answer = await fetch(running.url + path, { method, headers, body: JSON.stringify(body) });
        const text = await answer.text();
        expect([path, answer.ok ? "" : text]).toEqual([path, ""]);
        return text;
      };
      const sender = new Box(running.url, (await client.createKey(gate)).token);
      await sent("PUT", `/v1/sites/${site}`, { sharesPeople: true });
      await sent("PATCH", `/v1/boxes/${gate}`, { site });
      const windows = { inWindow: ["05:00", "12:00"], outWindow: ["12:00", "23:00"], weekdays: [1, 2, 3, 4, 5, 6, 7] };
      const times = { start: "08:00", end: "17:00", lateAfter: 0, earlyBefore: 0, validFrom: "2020-01-01" };
      await sent("PUT", `/v1/schedules/sch_${site}`, { site, name: "Office", groups: ["crew"], ...windows, ...times });
      for (const timestamp of [lastNoon, Date.parse(now)]) {
        await sender.post("/HistoryEvent", history({ identity_id: id, group_name: "crew", timestamp }));
      }
      const hours = async () => (await client.get(`/v1/hours?site=${site}&from=${day}&to=${day}`)).text();
      await expect.poll(hours).toContain(id);
      await sent("POST", "/v1/hours/close", { site, month });
      const leave = { library: `~${site}`, id, day: now.slice(0, 10), kind: "leave", reason: "Was ill" };
      await sent("POST", "/v1/hours/corrections", leave);
      const limited: unknown = JSON.parse(await sent("POST", "/v1/keys", { scope: "read", site, people: true }));
      const ofSite = new Client({ url: running.url, admin: z.object({ token: z.string() }).parse(limited).token });
      for (const what of ["hours", "people"])
        for (const format of ["csv", "xlsx"]) {
          const filter = { site, ...(what === "hours" && { from: day, to: now.slice(0, 10) }) };
          expect(await ended({ kind: "export", what, format, filter }, ofSite)).toMatchObject({ state: "done" });
        }
      for (const format of ["csv", "ndjson", "xlsx"])
        expect(await ended({ kind: "export", format }, ofSite)).toMatchObject({ state: "done", result: { events: 2 } });
      const erased = await ended({ kind: "erase", person: id, boxes: [gate], fromBoxes: true });
      expect(erased).toMatchObject({ state: "done", result: { erased: { events: 2 } } });
      expect(await hours()).not.toContain(id);
    });

    const few = Array.from({ length: 40 }, (_, n) => history({ identity_id: "4719", timestamp: noon - n * 1000 }));
    const lines = few.map((_, n) => `4720\t2026-11-24 08:01:${10 + n}\t0\t15\n`);
    const many = Array.from({ length: 260 });
    it.runIf(isWhole).each([
      [
        "lines of a terminal",
        "/iclock/cdata?SN=SIM1&table=ATTLOG",
        many.map(() => lines.join("")).join(""),
        "OK: 10400",
      ],
      [
        "reports in a nested list",
        "/HistoryEvent",
        JSON.stringify({ a: { b: many.flatMap(() => few) } }),
        success.body,
      ],
    ])(
      "replay 10,400 %s by themselves, and show how far they are",
      { timeout: 900_000 },
      async (_, path, body, answer) => {
        const gate = path.startsWith("/iclock") ? "gate-lines" : "gate-list";
        const sender = new Box(running.url, (await client.createKey(gate)).token);
        expect((await sender.post(path, body)).text).toBe(answer);
        const ofBox = async () => (await client.get(`/v1/quarantine?box=${gate}`)).json();
        await expect.poll(ofBox).toMatchObject({ records: [{ reason: "batch-too-long", replay: { done: 0 } }] });
        await running.sweepJobs?.();
        const left = async () => waiting.parse(await ofBox()).records.map(({ replay }) => replay?.of);
        await expect.poll(left, { interval: 100, timeout: 400_000 }).toEqual([10_400]);
        await expect.poll(left, { interval: 500, timeout: 400_000 }).toEqual([]);
        expect(await client.events(`&box=${gate}`)).toHaveLength(40);
      },
    );

    it("mark matching events as seen", async () => {
      await post("4713", 1);
      expect(await ended({ kind: "seen", filter: { person: "4713" } })).toMatchObject({ result: { events: 1 } });
      const [event] = await client.events("&person=4713");
      const { seen } = (await (await client.get("/v1/events?with=seen")).json()) as { seen: string[] };
      expect(seen).toEqual([event?.id]);
    });

    it("decide, and an undo leaves newer decisions of the same person alone", async () => {
      for (const n of [1, 2]) {
        const body = history({ identity_id: `471${n + 4}`, timestamp: noon + n, want_action: "1002" });
        expect((await box.post("/HistoryEvent", body)).status).toBe(200);
      }
      const idsIn = (events: Awaited<ReturnType<Client["events"]>>) =>
        events.flatMap(({ actions }) => actions.map(({ id }) => id));
      const actions = idsIn([...(await client.events("&person=4715")), ...(await client.events("&person=4716"))]);
      const [again] = actions;
      const declined = await ended({ kind: "decide", do: "decline", actions });
      expect(declined).toMatchObject({ state: "done", result: { decided: 2 } });
      for (const state of ["open", "declined"]) {
        expect((await client.post(`/v1/actions/${again}`, { state })).status).toBe(200);
      }
      const undo = await client.post(`/v1/jobs/${declined.id}/undo`, undefined);
      const { id } = job.parse(await undo.json());
      const now = async () => job.parse(await (await client.get(`/v1/jobs/${id}`)).json());
      await expect.poll(async () => (await now()).state, { interval: 100 }).not.toMatch(/waiting|running/);
      expect((await now()).result).toMatchObject({ decided: 1, leftOut: [{ action: again, why: "state" }] });
    });

    it("can be stopped", async () => {
      const { id } = job.parse(await (await client.post("/v1/jobs", { kind: "export", format: "csv" })).json());
      const headers = { authorization: `Bearer ${running.admin}` };
      const stopped = await fetch(`${running.url}/v1/jobs/${id}`, { method: "DELETE", headers });
      expect(stopped.status).toBe(204);
      const { state } = job.parse(await (await client.get(`/v1/jobs/${id}`)).json());
      expect(["stopped", "done"]).toContain(state);
    });
  });
}
