import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";

const job = z.object({ id: z.string(), state: z.string(), result: z.looseObject({}).nullable() });

/** Jobs and erasures as a console sees them, on any runtime. */
export function jobsBlackbox(runtime: string, start: () => Promise<Running>): void {
  describe(`on ${runtime}, jobs`, () => {
    let running: Running;
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
    const ended = async (body: object) => {
      const asked = await client.post("/v1/jobs", body);
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

    it("mark matching events as seen", async () => {
      await post("4713", 1);
      expect(await ended({ kind: "seen", filter: { person: "4713" } })).toMatchObject({ result: { events: 1 } });
      const [event] = await client.events("&person=4713");
      const { seen } = (await (await client.get("/v1/events?with=seen")).json()) as { seen: string[] };
      expect(seen).toEqual([event?.id]);
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
