import { openRuntime, serve } from "@gatepost/embedded";
import { expect, it, onTestFinished } from "vitest";
import { dataFolder, gatepost, gatepostJson } from "./support.ts";

it("status reports shipping as late after 15 minutes", async () => {
  const state = { since: Date.now() - 14 * 60_000, isFailing: true };
  const runtime = await openRuntime({
    data: await dataFolder(),
    follow: () => ({ tick: async () => {}, end: async () => {}, shipping: () => state }),
  });
  onTestFinished(() => runtime.close());
  const { port, close } = await serve(runtime, { host: "127.0.0.1", port: 0 });
  onTestFinished(close);
  const at = ["--url", `http://127.0.0.1:${port}`, "--token", runtime.adminToken];
  const since = () => new Date(state.since).toISOString();
  expect(await gatepostJson<object>("status", ...at)).toMatchObject({
    shipping: { since: since(), isFailing: true, isLate: false },
    needsHand: [],
  });
  state.since -= 2 * 60_000;
  const late = await gatepost("status", ...at);
  expect(late.code).toBe(1);
  expect(late.stdout).toMatch(new RegExp(`^shipping {4}fails since ${since()}$`, "m"));
  expect(late.stdout).toMatch(new RegExp(`^! nothing was shipped since ${since()}: `, "m"));
  Object.assign(state, { since: Date.now(), isFailing: false });
  const well = await gatepost("status", ...at);
  expect([well.code, well.stdout]).toEqual([0, expect.stringContaining(`shipping    all until ${since()}`)]);
});
