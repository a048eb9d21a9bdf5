import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../support/client.ts";
import type { Running } from "./main-job.ts";

const hint = "This key works. Deliver reports to this URL with POST.\n";

/** Reports of devices that only call an address, on any runtime. */
export function byGet(runtime: string, start: () => Promise<Running>): void {
  describe(`on ${runtime}, a report by GET`, () => {
    let running: Running;
    let client: Client;
    let token: string;
    const box = "door";
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      ({ token } = await client.createKey(box));
      const fields = { card: { at: "card" }, "person.id": { at: "card" } };
      const mapping = { name: "Relay", box, when: { has: ["card"], is: { op: "pass" } }, fields };
      expect((await client.post("/v1/mappings", mapping)).status).toBe(201);
    });
    afterAll(() => running.stop());

    const call = (query: string, init: RequestInit = {}) => fetch(`${running.url}/${token}/Relay?${query}`, init);
    const events = () => client.events(`&box=${box}`);

    it("is a passing at the time of its receipt, once, and no cache answers it", async () => {
      const answers = await Promise.all([call("op=pass&card=7"), call("op=pass&card=7"), call("op=pass&card=8")]);
      for (const answer of answers) {
        expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
        expect(await answer.json()).toEqual({ message: "SUCCESS", status: 0 });
      }
      await expect.poll(events).toHaveLength(2);
      for (const { flags } of await events()) expect(flags).not.toContain("clock");
    });

    it("is kept if it is not known, without its key", async () => {
      expect((await call(`event=doorbell&token=${token}`)).status).toBe(200);
      const listed = async () =>
        ((await (await client.get(`/v1/quarantine?box=${box}`)).json()) as { records: object[] }).records;
      await expect.poll(listed).toMatchObject([{ path: "/Relay", reason: "unknown-shape" }]);
      expect(JSON.stringify(await listed())).not.toContain(token);
    });

    it("delivers nothing without a query, by HEAD, or by a browser that looks ahead", async () => {
      const before = (await events()).length;
      for (const init of [{ headers: { "sec-purpose": "prefetch" } }, { headers: { "x-moz": "prefetch" } }])
        expect(await (await call("op=pass&card=9", init)).text()).toBe(hint);
      expect((await call("op=pass&card=9", { method: "HEAD" })).status).toBe(200);
      expect(await (await call("")).text()).toBe(hint);
      expect(await events()).toHaveLength(before);
    });

    it("is refused with a wrong key", async () => {
      const { status } = await fetch(`${running.url}/${token.slice(0, -4)}AAAA/Relay?op=pass&card=9`);
      expect(status).toBe(401);
    });
  });
}
