import { hashToken, newToken } from "@gatepost/core/keys";
import { serve } from "@gatepost/embedded";
import { afterEach, expect, it } from "vitest";
import { history } from "../../support/reports.ts";
import { temporaryRuntime } from "./temporary.ts";

/** Eight in the morning in Shanghai of the second of March, and midnight of UTC. */
const morning = Date.UTC(2026, 2, 2, 0, 30);
const nightBefore = Date.UTC(2026, 2, 1, 17);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it.each([
  ["Asia/Shanghai", 2],
  ["UTC", 1],
])("the feed of changes counts today by the chosen zone: %s", async (zone, today) => {
  const { runtime, close } = await temporaryRuntime({ zone, clock: () => morning });
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  closers.push(close, () => served.close());
  const [box, reader] = [newToken("ingest"), newToken("read")];
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(box) });
  await runtime.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(reader) });
  for (const timestamp of [nightBefore, morning - 1000]) {
    const body = JSON.stringify(history({ timestamp }));
    const answer = await fetch(`http://127.0.0.1:${served.port}/${box}/HistoryEvent`, { method: "POST", body });
    expect(answer.status).toBe(200);
  }
  const path = "/v1/events?order=received&after=end&with=counts";
  const headers = { authorization: `Bearer ${reader}` };
  const answer = await fetch(`http://127.0.0.1:${served.port}${path}`, { headers });
  expect(await answer.json()).toMatchObject({ news: [{ kind: "counts", counts: { today } }] });
});
