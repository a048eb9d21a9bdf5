import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

const job = z.object({ id: z.string(), state: z.string(), result: z.looseObject({}).nullable() });

whereRehearsable(() => {
  describe("jobs of the deployment", () => {
    let deps: Started;
    beforeAll(async () => {
      deps = await started();
    }, synthTimeoutMs);
    afterAll(() => deps.stop());

    const ended = async (body: object) => {
      const asked = await deps.client.post("/v1/jobs", body);
      expect(asked.status).toBe(202);
      const { id } = job.parse(await asked.json());
      const now = async () => job.parse(await (await deps.client.get(`/v1/jobs/${id}`)).json());
      await expect.poll(async () => (await now()).state).not.toMatch(/waiting|running/);
      return now();
    };

    it("are done by messages: an export with pictures, a replay, and an erasure, each by what its roles allow", async () => {
      const { box, rehearsal, client } = deps;
      for (let n = 0; n < 3; n++) {
        const body = history({ identity_id: "4711", timestamp: noon + n }, { recognize_face: photo(`face ${n}`) });
        expect((await box.post("/HistoryEvent", body)).status).toBe(200);
      }
      await box.post("/HistoryEvent", "garbage");
      const exported = await ended({ kind: "export", format: "zip", filter: { box: "gate-1" } });
      expect(exported).toMatchObject({ state: "done", result: { events: 3 } });
      const file = await fetch(String(exported.result?.["url"]));
      expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="gatepost-job_\w+\.zip"$/);
      const bytes = Buffer.from(await file.arrayBuffer());
      for (let n = 0; n < 3; n++) expect(bytes.includes(jpeg(`face ${n}`))).toBe(true);
      expect(await ended({ kind: "replay" })).toMatchObject({ state: "done", result: { stored: 0 } });
      const erased = await ended({ kind: "erase", person: "4711", boxes: ["gate-1"] });
      expect(erased).toMatchObject({
        state: "done",
        result: { erased: { events: 3, pictures: 3 }, unknown: { quarantine: 1 } },
      });
      expect(await client.events("&person=4711")).toEqual([]);
      expect((await fetch(String(exported.result?.["url"]))).status).toBe(404);
      expect(rehearsal.refused).toEqual([]);
      expect(rehearsal.live.left).toBe(0);
    });

    it("can be stopped", async () => {
      const { client } = deps;
      const { id } = job.parse(await (await client.post("/v1/jobs", { kind: "export", format: "csv" })).json());
      const stopped = await fetch(`${client.url}/v1/jobs/${id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${deps.rehearsal.admin}` },
      });
      expect(stopped.status).toBe(204);
      expect(deps.rehearsal.refused).toEqual([]);
    });
  });
});
