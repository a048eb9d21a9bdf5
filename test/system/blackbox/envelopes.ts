import type { Json } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import {
  messageIn,
  messageWith,
  envelopes as names,
  wordsBeside,
  wordsBesideIn,
  wrappedTerminals,
} from "../../support/envelopes.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { bodyOfParts, type SentPart } from "../../support/wrappings.ts";
import type { Running } from "./main-job.ts";

const records = z.object({
  records: z.array(z.object({ id: z.string(), reason: z.string(), event: z.object({ id: z.string() }).nullable() })),
});

/** Messages of brokers, gateways and platforms with reports in them, on any runtime. */
export function envelopes(runtime: string, start: () => Promise<Running>): void {
  describe(`on ${runtime}, an envelope`, () => {
    let running: Running;
    let client: Client;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
    });
    afterAll(() => running.stop());

    it.each(names)("as in %s.json is kept with its events, and not in quarantine", async (name) => {
      const box = new Box(running.url, (await client.createKey(name)).token);
      const message = messageIn(name);
      expect((await box.post("/HistoryEvent", message)).status).toBe(200);
      const events = await client.events(`&box=${name}`);
      expect(events.map(({ person }) => person.id)).toEqual(events.length === 2 ? ["888002", "888001"] : ["888001"]);
      const words = events.flatMap(({ extra }) => wordsBeside((extra["envelope"] ?? null) as Json));
      expect([...new Set(words)].sort()).toEqual([...new Set(wordsBesideIn(message))].sort());
      if (name === "serial-events") expect(events.map(({ box: { serial } }) => serial)).toEqual(["ENVSNO1", "ENVSNO1"]);
      expect(await (await client.get(`/v1/quarantine?box=${name}`)).json()).toMatchObject({ records: [] });
    });

    it.each(Object.entries(wrappedTerminals))("has the reports of terminals in it read: %s", async (make, reportOf) => {
      const box = new Box(running.url, (await client.createKey(make)).token);
      for (const [at, name] of ["cloudevents", "sqs", "node-red", "api-gateway-v2"].entries()) {
        const message = messageWith(name, (person) => reportOf(`${person}${at}`));
        expect((await box.post("/any", message ?? "")).status).toBe(200);
      }
      const people = (await client.events(`&box=${make}`)).map(({ person }) => person.id).sort();
      expect(people).toEqual(["8880010", "8880011", "8880012", "8880013", "8880021"]);
      expect(await (await client.get(`/v1/quarantine?box=${make}`)).json()).toMatchObject({ records: [] });
    });
  });

  describe(`on ${runtime}, a form in parts`, () => {
    let running: Running;
    let client: Client;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
    });
    afterAll(() => running.stop());

    it("has each picture in its event, or is kept for the event", async () => {
      const box = new Box(running.url, (await client.createKey("form-in-parts")).token);
      const named: SentPart = ["Content-Type: image/jpeg\r\nContent-ID: <a>", photo("a")];
      const other: SentPart = ["Content-Type: image/jpeg", photo("b")];
      const report: SentPart = ["Content-Type: application/json", JSON.stringify(history({ reg_pic: "cid:a" }))];
      expect(await box.postOnce("/HistoryEvent", bodyOfParts([report, named]))).toMatchObject({
        outcome: expect.stringContaining("stored"),
      });
      const events = () => client.events("&box=form-in-parts");
      const [event, ...others] = await events();
      if (event === undefined) throw new Error("no event was made");
      expect([others, event.pictures.registered?.sha256]).toEqual([[], sha256(jpeg("a"))]);

      await box.post("/HistoryEvent", bodyOfParts([report, named, other]));
      const kept = async () =>
        records.parse(await (await client.get("/v1/quarantine?box=form-in-parts")).json()).records;
      const before = await kept();
      expect(before).toMatchObject([{ reason: "part", event: { id: event.id } }]);
      await client.post(`/v1/quarantine/${before[0]?.id}/replay`, undefined);
      expect([await kept(), (await events()).map(({ id }) => id)]).toEqual([before, [event.id]]);
    });
  });
}
