import { hashToken } from "@gatepost/ingest";
import { expect, it } from "vitest";
import * as z from "zod";
import { noon, runtime, seen } from "./support.ts";

const made = z.object({ ticket: z.string(), expires: z.string() });

it("a ticket stands for the key that asked for it, for a minute", async () => {
  const deps = await runtime();
  const answer = await deps.ask("/v1/tickets", { method: "POST", token: deps.tokens.read });
  expect(answer.status).toBe(201);
  const { ticket, expires } = made.parse(await answer.json());
  expect(ticket).toMatch(/^gpt_[\w-]{27}$/);
  expect(expires).toBe(new Date(noon + 61_000).toISOString());
  expect(await deps.deps.tickets.redeem(hashToken(ticket))).toBe(hashToken(deps.tokens.read));
});

it("a ticket is no key", async () => {
  const deps = await runtime();
  const { ticket } = made.parse(await (await deps.ask("/v1/tickets", { method: "POST" })).json());
  expect((await deps.ask("/v1/events", { token: ticket })).status).toBe(401);
});

it("devices are listed as an SE5 does, by a key in the query", async () => {
  const deps = await runtime();
  await deps.deliver(seen);
  const path = "/SophonDevice/api/Devices";
  const answer = await deps.ask(`${path}?token=${deps.tokens.read}`, { headers: { authorization: "" } });
  expect(await answer.json()).toEqual({ data: { devices_list: [{ device_id: "AKOPKKKKK__192.168.1.25" }] } });
  expect((await deps.ask(path, { headers: { authorization: "" } })).status).toBe(401);
  expect((await deps.ask(`${path}?token=${deps.tokens.ingest}`, { headers: { authorization: "" } })).status).toBe(403);
  expect((await deps.ask(`/v1/events?token=${deps.tokens.read}`, { headers: { authorization: "" } })).status).toBe(401);
});
