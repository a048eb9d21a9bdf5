import { hashToken, keyIdOf } from "@gatepost/core/keys";
import { expect, it } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { runtime } from "./support.ts";

it("a key gets its own facts and the server's", async () => {
  const deps = await runtime();
  const answer = await deps.ask("/v1/me", { token: deps.tokens.read });
  expect(await answer.json()).toEqual({
    key: { id: keyIdOf(hashToken(deps.tokens.read)), scope: "read" },
    account: null,
    administrators: [],
    now: "2026-11-05T04:00:01.000Z",
    server: {
      version: packageJson.version,
      runtime: "one-machine",
      feed: "waits",
      rules: "editable",
      people: true,
      rangeFor: [],
    },
    reached: { publicUrl: null, host: null, isHttps: false, from: "" },
    limits: { bodyBytes: 67_108_864, pictureBytes: 5_242_880, textBytes: 8192, nesting: 32 },
    retention: { eventDays: 30, quarantineDays: 30, sceneDays: null },
    room: { usedBytes: 1000, ofBytes: 4000 },
    clock: null,
    erasuresUntil: null,
    erasing: null,
    shipping: null,
  });
});

it("the answer shows how the request reached the server", async () => {
  const deps = await runtime();
  const by = { address: "203.0.113.9", isHttps: true, origin: "https://example.com", basePath: "/gate" };
  const answer = await deps.ask("/v1/me", { headers: { host: "gatepost:9528" }, by });
  const reached = { publicUrl: "https://example.com/gate", host: "gatepost:9528", isHttps: true, from: "203.0.113.9" };
  expect(await answer.json()).toMatchObject({ reached });
});

it("the server says until when an erasure counts after a step of its clock", async () => {
  const deps = await runtime();
  deps.deps.eraser.coversUntil = (askedAt) => askedAt - 3_600_000;
  const me = (await (await deps.ask("/v1/me")).json()) as { erasuresUntil: string };
  expect(me.erasuresUntil).toBe("2026-11-05T03:00:01.000Z");
  const erased = await deps.ask("/v1/people?id=77&all=1", { method: "DELETE" });
  expect(await erased.json()).toMatchObject({ erased: 0, records: [], keptOutUntil: "2026-11-05T03:00:01.000Z" });
});

it("a limited key gets its boxes and its expiry", async () => {
  const deps = await runtime();
  const token = deps.ingest.addKey("read", null, { boxes: ["gate-1"], expiresAt: Date.UTC(2027, 0, 1) });
  const { key } = (await (await deps.ask("/v1/me", { token })).json()) as { key: object };
  expect(key).toMatchObject({ scope: "read", boxes: ["gate-1"], expiresAt: "2027-01-01T00:00:00.000Z" });
});
