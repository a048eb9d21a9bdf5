import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { serve } from "@gatepost/embedded";
import { expect, it } from "vitest";
import { history } from "../../support/reports.ts";
import { temporaryRuntime } from "./temporary.ts";

it.each(["TRACE", "PROPFIND", "PUT"])("%s of the API is refused like any wrong method", async (method) => {
  const { runtime, logged, close } = await temporaryRuntime();
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  const asked = request({ port: served.port, host: "127.0.0.1", path: "/v1/keys", method, headers });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, "POST, GET, HEAD"]);
  expect(JSON.parse(await text(answer))).toMatchObject({ status: 405, detail: "use POST, GET at this address" });
  expect(logged).toEqual([]);
  await served.close();
  await close();
});

it("the live feed by plain HTTP asks for a WebSocket, and names usual obstacles", async () => {
  const { runtime, close } = await temporaryRuntime();
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const answer = await fetch(`http://127.0.0.1:${served.port}/live?token=${runtime.adminToken}`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("pass `Upgrade` on") });
  await served.close();
  await close();
});

it.each([
  ["A/102", "A%2F102"],
  ["A\\102", "A%5C102"],
  ["A/102", ".QS8xMDI"],
])("an id with a separator is found by its encoding: %s by %s", async (person, part) => {
  const { runtime, close } = await temporaryRuntime();
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${served.port}`;
  const headers = { authorization: `Bearer ${runtime.adminToken}`, "content-type": "application/json" };
  const made = await fetch(`${url}/v1/keys`, {
    method: "POST",
    headers,
    body: JSON.stringify({ scope: "ingest", box: "gate-1" }),
  });
  const { token } = (await made.json()) as { token: string };
  const body = JSON.stringify(history({ identity_id: person, timestamp: Date.now() - 60_000 }));
  await fetch(`${url}/${token}/HistoryEvent`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const answer = await fetch(`${url}/v1/people/gate-1/${part}`, { headers });
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ id: person })]);
  await served.close();
  await close();
});
