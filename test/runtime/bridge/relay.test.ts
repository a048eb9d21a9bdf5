import { request } from "node:http";
import { Connections } from "@gatepost/http";
import { describe, expect, it, vi } from "vitest";
import { admission, serveRelay } from "../../../packages/bridge/src/relay/relay.ts";
import { SubscribedTerminals } from "../../../packages/bridge/src/relay/subscribed-terminals.ts";
import { TerminalAnswers } from "../../../packages/bridge/src/relay/terminals.ts";
import type { SpooledRequest } from "../../../packages/bridge/src/spool/request.ts";
import { dial, headOf } from "../../support/dial.ts";
import { history } from "../../support/reports.ts";
import { atEnd, receiver, until } from "../../unit/simulator/support.ts";
import { keyOf, running } from "./support.ts";

const acknowledged = { status: 200, type: "application/json", text: '{"message":"SUCCESS","status":0}' };

async function post(url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

/** A bridge whose cloud is away until it is told otherwise. */
async function relay() {
  const state = { isAway: true };
  const cloud = await receiver(() => (state.isAway ? 503 : 200));
  const bridge = await running({ cloud: cloud.url, boxes: { "gate-1": null, "gate-2": null } }, { random: () => 0 });
  return { state, cloud, bridge, url: bridge.relay("gate-1") };
}

it("acknowledges as Gatepost does while the cloud is away, and delivers when it is back", async () => {
  const { state, cloud, bridge, url } = await relay();
  const body = JSON.stringify(history());
  expect(await post(`${url}/EventServer/api/HistoryEvent`, body)).toEqual(acknowledged);
  expect(bridge.status().boxes[0]).toMatchObject({ waiting: 1, bytes: Buffer.byteLength(body) });
  state.isAway = false;
  await until(() => bridge.status().boxes[0]?.waiting === 0);
  expect(cloud.heard.at(-1)).toMatchObject({ path: `/${keyOf("gate-1")}/EventServer/api/HistoryEvent`, body });
});

it("takes the key wherever Gatepost does", async () => {
  const { bridge } = await relay();
  const base = `http://127.0.0.1:${bridge.relayPort}`;
  const key = keyOf("gate-2");
  expect(await post(`${base}/RealTimeEvent?token=${key}`, "{}")).toEqual(acknowledged);
  const authorization = `Basic ${Buffer.from(`${key}:`).toString("base64")}`;
  expect(await post(`${base}/RealTimeEvent`, "{}", { authorization })).toEqual(acknowledged);
  expect(await post(`${base}//${key}//RealTimeEvent,`, "{}")).toEqual(acknowledged);
  expect(bridge.status().boxes[1]).toMatchObject({ waiting: 3 });
});

it("passes on a form and its boundary", async () => {
  const { state, cloud, url } = await relay();
  state.isAway = false;
  await post(`${url}/HistoryEvent`, "--x--", { "content-type": "multipart/form-data; boundary=x" });
  await until(() => cloud.heard.length > 0);
  expect(cloud.heard[0]).toMatchObject({ contentType: "multipart/form-data; boundary=x", body: "--x--" });
});

it("keeps the query of a GET as a form with its receipt, which the cloud gets with each try", async () => {
  const { state, cloud, url } = await relay();
  const looked = await fetch(`${url}/Relay?card=7`, { headers: { "sec-purpose": "prefetch" } });
  expect(await looked.text()).toContain("This key works");
  const from = Date.now();
  const taken = await fetch(`${url}/Relay?card=7&token=x`);
  const to = Date.now();
  expect([taken.headers.get("cache-control"), await taken.text()]).toEqual(["no-store", acknowledged.text]);
  await until(() => cloud.heard.length >= 2);
  state.isAway = false;
  await until(() => cloud.heard.length >= 3);
  const receipts = cloud.heard.map(({ receipt }) => Number(receipt));
  expect(new Set(receipts).size).toBe(1);
  expect(receipts[0]).toBeGreaterThanOrEqual(from);
  expect(receipts[0]).toBeLessThanOrEqual(to);
  for (const { path, body, contentType } of cloud.heard)
    expect([path, body, contentType]).toEqual([
      `/${keyOf("gate-1")}/Relay`,
      "card=7",
      "application/x-www-form-urlencoded",
    ]);
});

/** A relay alone, and the URL of its box. */
async function relayTo(take: (report: SpooledRequest) => Promise<void>) {
  const admit = vi.fn(
    admission([{ name: "gate-1", token: keyOf("gate-1") }], { clock: Date.now, subscribed: new SubscribedTerminals() }),
  );
  const log = { info() {}, warn() {}, error() {} };
  const terminals = new TerminalAnswers({ zoneOf: () => "UTC", clock: Date.now });
  const options = {
    host: "127.0.0.1",
    port: 0,
    maxBody: 100,
    maxInFlight: 100,
    admit,
    take,
    terminals,
    now: Date.now,
    log,
  };
  const { port, close } = await serveRelay(options);
  atEnd(close);
  return { url: `http://127.0.0.1:${port}/${keyOf("gate-1")}`, admit };
}

it("looks a key up once for a request", async () => {
  const { url, admit } = await relayTo(async () => {});
  expect(await post(`${url}/HistoryEvent`, "{}")).toEqual(acknowledged);
  expect(admit).toHaveBeenCalledOnce();
});

it("keeps the path, type and encoding of a report, and defaults to JSON", async () => {
  const taken: SpooledRequest[] = [];
  const { url } = await relayTo(async (report) => void taken.push(report));
  const body = new Uint8Array([0x1f, 0x8b, 0]);
  await post(`${url}/api/a%20b`, body, { "content-type": "text/plain", "content-encoding": "gzip" });
  await post(`${url}/HistoryEvent`, body);
  const [box, content] = ["gate-1", Buffer.from(body)];
  expect(taken).toEqual([
    { box, path: "/api/a%20b", contentType: "text/plain", contentEncoding: "gzip", body: content },
    { box, path: "/HistoryEvent", contentType: "application/json", contentEncoding: null, body: content },
  ]);
});

it("acknowledges a report once it is kept, and never one that could not be", async () => {
  const written = Promise.withResolvers<void>();
  const take = vi.fn(() => written.promise);
  const { url } = await relayTo(take);
  const answered = post(`${url}/HistoryEvent`, "{}");
  await until(() => take.mock.calls.length === 1);
  written.reject(new Error("the disk is full"));
  expect((await answered).status).toBe(503);
});

it("counts a connection as a box's once it has shown a key", async () => {
  const showedKey = vi.spyOn(Connections.prototype, "showedKey");
  atEnd(() => showedKey.mockRestore());
  const { url } = await relayTo(async () => {});
  await post(url.replace(keyOf("gate-1"), keyOf("stranger")), "{}");
  expect(showedKey).not.toHaveBeenCalled();
  await post(url, "{}");
  expect(showedKey).toHaveBeenCalledOnce();
});

describe("Refuses as Gatepost does:", () => {
  it("no key", async () => {
    const { bridge } = await relay();
    expect((await post(`http://127.0.0.1:${bridge.relayPort}/HistoryEvent`, "{}")).status).toBe(401);
    expect((await post(`http://127.0.0.1:${bridge.relayPort}/${keyOf("stranger")}/HistoryEvent`, "{}")).status).toBe(
      401,
    );
  });

  it("another method", async () => {
    const { url } = await relay();
    const looked = await fetch(url);
    expect([looked.status, looked.headers.get("content-type"), await looked.text()]).toEqual([
      200,
      "text/plain; charset=utf-8",
      "This key works. Deliver reports to this URL with POST.\n",
    ]);
    expect((await fetch(url, { method: "DELETE" })).status).toBe(405);
  });

  it("a client without a key that waits for leave to send", async () => {
    const { bridge } = await relay();
    const head = (key: string) => headOf("POST", `/${key}/HistoryEvent`, "Expect: 100-continue", "Content-Length: 2");
    const stranger = await dial(bridge.relayPort ?? 0, head(keyOf("stranger")));
    await expect.poll(() => stranger.received()).toMatch(/^HTTP\/1.1 401 /);
    const { socket, received } = await dial(bridge.relayPort ?? 0, head(keyOf("gate-1")));
    await expect.poll(() => received()).toMatch(/^HTTP\/1.1 100 Continue/);
    socket.write("{}");
    await expect.poll(() => received()).toMatch(/HTTP\/1.1 200 /);
  });

  it("a body that is too large, for any declared length", async () => {
    const cloud = await receiver();
    const bridge = await running({ cloud: cloud.url, boxes: { "gate-1": null }, inSpool: "" });
    const body = new Uint8Array(65 * 1024 * 1024);
    expect((await post(`${bridge.relay("gate-1")}/HistoryEvent`, body)).status).toBe(413);
    expect(bridge.status().boxes[0]).toMatchObject({ waiting: 0 });
  });
});

it("a body that was cut off is not taken", async () => {
  const { bridge, url } = await relay();
  const sent = request(`${url}/HistoryEvent`, { method: "POST", headers: { "content-length": 1000 } });
  const ended = new Promise((resolve) => sent.on("error", resolve));
  await new Promise<void>((resolve) => sent.write("half", () => resolve()));
  await until(() => bridge.status().boxes[0]?.waiting === 0);
  sent.destroy();
  await ended;
  expect(await post(`${url}/HistoryEvent`, "{}")).toEqual(acknowledged);
  expect(bridge.status().boxes[0]).toMatchObject({ waiting: 1, bytes: 2 });
});

it("takes a complete body though the box did not wait for the answer", async () => {
  const { bridge, url } = await relay();
  const sent = request(`${url}/RealTimeEvent`, { method: "POST" });
  sent.on("error", () => {});
  sent.end("{}", () => sent.destroy());
  await until(() => bridge.status().boxes[0]?.waiting === 1);
});

it("serves its status as JSON and metrics to its own machine", async () => {
  const { bridge, url } = await relay();
  await post(`${url}/HistoryEvent`, "{}");
  const base = `http://127.0.0.1:${bridge.metricsPort}`;
  expect(await (await fetch(`${base}/status`)).json()).toMatchObject({
    running: true,
    boxes: [{ box: "gate-1", waiting: 1 }, {}],
  });
  const metrics = await (await fetch(`${base}/metrics`)).text();
  expect(metrics).toContain(
    '# TYPE gatepost_bridge_waiting_reports gauge\ngatepost_bridge_waiting_reports{box="gate-1"} 1\n',
  );
  expect(metrics).toContain('gatepost_bridge_dropped_age_total{box="gate-2"} 0\n');
  expect((await fetch(`${base}/`)).status).toBe(404);
});

it("a second bridge on the same spool is refused", async () => {
  const { bridge, cloud } = await relay();
  const again = running({ cloud: cloud.url, boxes: { "gate-1": null }, folder: bridge.folder });
  await expect(again).rejects.toThrow("another bridge uses");
});
