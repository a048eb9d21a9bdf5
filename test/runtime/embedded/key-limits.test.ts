import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, serve } from "@gatepost/embedded";
import { expect, it } from "vitest";
import { history, noon } from "../../support/reports.ts";
import { openedByTests, temporaryDataFolder } from "./temporary.ts";

const { closers } = openedByTests();

it("the bytes that a key delivered today are known after a restart", async () => {
  const { path, remove } = await temporaryDataFolder();
  closers.push(remove);
  let now = noon;
  const midnight = noon + 12 * 60 * 60 * 1000;
  const token = newToken("ingest");
  const open = async () => {
    const log = { info() {}, warn() {}, error() {} };
    const runtime = await openRuntime({ data: path, clock: () => now, log });
    const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
    const post = (body: unknown) =>
      fetch(`http://127.0.0.1:${served.port}/${token}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
    let isOpen = true;
    const close = async () => {
      if (isOpen) await served.close().then(() => runtime.close());
      isOpen = false;
    };
    closers.push(close);
    return { runtime, post, close };
  };
  const first = await open();
  const limits = { rate: { perSecond: 0.5, burst: 100 }, dailyBytes: 1500 };
  await first.runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token), ...limits });
  expect(await first.runtime.reads.keyAdmin.list()).toMatchObject([limits]);
  const body = history({ remark: "x".repeat(700) });
  expect((await first.post(body)).status).toBe(200);
  await first.close();
  now += 60_000;
  const second = await open();
  const refused = await second.post(body);
  expect([refused.status, Number(refused.headers.get("retry-after"))]).toEqual([429, (midnight - now) / 1000]);
  now = midnight;
  expect((await second.post(body)).status).toBe(200);
});
