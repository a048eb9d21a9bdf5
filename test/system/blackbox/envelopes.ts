import type { Json } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Box, Client } from "../../support/client.ts";
import { messageIn, envelopes as names, wordsBeside, wordsBesideIn } from "../../support/envelopes.ts";
import type { Running } from "./main-job.ts";

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
    });

    it("leaves nothing in quarantine, whichever it is", async () => {
      expect(await (await client.get("/v1/quarantine")).json()).toMatchObject({ records: [] });
    });
  });
}
