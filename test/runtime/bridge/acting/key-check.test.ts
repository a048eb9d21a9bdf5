import { openPeople } from "@gatepost/bridge";
import { expect, it, vi } from "vitest";
import * as z from "zod";
import { CloudError } from "../../../../packages/bridge/src/acting/cloud-orders.ts";
import { KeyCheck } from "../../../../packages/bridge/src/acting/key-check.ts";
import { until } from "../../../unit/simulator/support.ts";
import { world } from "./world.ts";

const hour = 60 * 60_000;
const { signal } = new AbortController();

it("a bridge lists its boxes that receive no orders, with their names in the cloud", async () => {
  const here = await world({ "gate-1": "V6" });
  const made = await here.client.post("/v1/keys", { scope: "read", boxes: ["gate-1", "gate-b7"] });
  const { token } = z.object({ token: z.string() }).parse(await made.json());
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const people = openPeople({ host: "127.0.0.1", port: 1, library: "default_group", quality: "high" });
  const libraryOf = (box: string) => (box === "relay-only" ? null : people);
  const acting = here.act({ token, boxes: ["gate-1", "Gate-b7", "lobby", "relay-only"], libraryOf, log });
  await until(() => acting.status().keyProblem !== null);
  const why = expect.stringMatching(
    /^acting\.token does not see Gate-b7 \(the cloud has gate-b7\), lobby: it receives no orders/,
  );
  expect(acting.status()).toMatchObject({ lastError: null, keyProblem: why });
  expect(log.warn).toHaveBeenCalledExactlyOnceWith("the acting key does not receive orders for all boxes", { why });
});

it("and that a key which is not limited settles nothing", async () => {
  const here = await world({ "gate-1": "V6" });
  const made = await here.client.post("/v1/keys", { scope: "read" });
  const { token } = z.object({ token: z.string() }).parse(await made.json());
  const acting = here.act({ token });
  await until(() => acting.status().keyProblem !== null);
  expect(acting.status().keyProblem).toContain("is not limited to boxes");
});

it("a key is checked hourly while it has a problem, else daily", async () => {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const answers = [["gate-1"], ["gate-1"], ["gate-1", "lobby"], ["gate-1"]];
  let asked = 0;
  let now = 0;
  const boxesOfKey = async () => answers[asked++] ?? null;
  const check = new KeyCheck({ cloud: { boxesOfKey }, boxes: ["gate-1", "lobby"], now: () => now, log });
  for (; now < 27 * hour; now += hour / 2) await check.look(signal);
  expect(asked).toBe(4);
  expect(check.problem).toContain("lobby");
  expect([log.warn.mock.calls.length, log.info.mock.calls.length]).toEqual([2, 1]);
});

it("a known problem of the key stays while the cloud does not answer", async () => {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const boxesOfKey = vi.fn<() => Promise<string[]>>().mockResolvedValueOnce([]);
  boxesOfKey.mockRejectedValue(new CloudError("away"));
  let now = 0;
  const check = new KeyCheck({ cloud: { boxesOfKey }, boxes: ["gate-1"], now: () => now, log });
  await check.look(signal);
  now += hour;
  await check.look(signal);
  expect(boxesOfKey).toHaveBeenCalledTimes(2);
  expect(check.problem).toContain("does not see gate-1");
});

it("the key check waits a minute if the cloud does not answer", async () => {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const boxesOfKey = vi.fn<() => Promise<string[]>>().mockRejectedValue(new CloudError("away"));
  let now = hour;
  const check = new KeyCheck({ cloud: { boxesOfKey }, boxes: ["gate-1"], now: () => now, log });
  for (let looks = 0; looks < 12; looks++, now += 10_000) await check.look(signal);
  expect(boxesOfKey).toHaveBeenCalledTimes(2);
});

it("a key is checked again at once after the clock was set back", async () => {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const boxesOfKey = vi.fn(async () => ["gate-1"]);
  let now = 10 * 24 * hour;
  const check = new KeyCheck({ cloud: { boxesOfKey }, boxes: ["gate-1"], now: () => now, log });
  await check.look(signal);
  now -= 9 * 24 * hour;
  await check.look(signal);
  expect(boxesOfKey).toHaveBeenCalledTimes(2);
});

it("no more than ten boxes are named, and the others are counted", async () => {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const boxes = Array.from({ length: 13 }, (_, index) => `gate-${index + 1}`);
  const cloud = { boxesOfKey: async () => ["lobby"] };
  const check = new KeyCheck({ cloud, boxes, now: () => hour, log });
  await check.look(signal);
  expect(check.problem).toMatch(/^acting\.token does not see gate-1, .*, gate-10 and 3 more: it receives no orders/);
});
