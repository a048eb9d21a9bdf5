import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { type AddressInfo, connect as connectPlainly, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { hashToken, newToken } from "@gatepost/core/keys";
import { serve } from "@gatepost/embedded";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { temporaryRuntime } from "../runtime/embedded/temporary.ts";
import { pemOf } from "../support/certificates.ts";
import { missing } from "../support/required.ts";
import { dataFolder, gatepostJson, serveProcess } from "../system/cli/support.ts";
import { caddy, nginx, type ReverseProxy } from "./proxy.ts";

const host = "gate.example.com";
const tls = { host: "127.0.0.1", servername: host, ca: pemOf("first.crt") };
const megabyte = 1024 * 1024;

interface Asked {
  method?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  /** The address of this machine that it is sent from. */
  from?: string;
}

function ask({ port }: ReverseProxy, path: string, { method = "GET", body = "", headers = {}, from }: Asked = {}) {
  const options = { ...tls, port, path, method, headers: { host, ...headers }, ...(from && { localAddress: from }) };
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const asked = request({ ...options, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (data) => {
        text += data;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    asked.on("error", reject).end(body);
  });
}

/** Sends an invalid request, and waits until that is answered or cut. */
async function talk({ port }: ReverseProxy, text: string): Promise<void> {
  const socket = connect({ ...tls, port });
  socket.on("error", () => {}).resume();
  socket.write(text);
  setTimeout(() => socket.destroy(), 1000).unref();
  await once(socket, "close");
}

/** Relays connections to a port of this machine, and counts those that the server ended first. */
async function observedRelay(behind: number) {
  const counts = { accepted: 0, open: 0, closedByServer: 0 };
  const relay = createServer((client) => {
    counts.accepted += 1;
    counts.open += 1;
    const server = connectPlainly(behind, "127.0.0.1");
    let hasEnded = false;
    const end = (isServer: boolean) => {
      if (hasEnded) return;
      hasEnded = true;
      if (isServer) counts.closedByServer += 1;
      counts.open -= 1;
      for (const socket of [client, server]) socket.destroy();
    };
    for (const socket of [client, server]) socket.on("error", () => {}).on("close", () => end(socket === server));
    client.on("end", () => end(false)).pipe(server);
    server.on("end", () => end(true)).pipe(client);
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  onTestFinished(() => void relay.close());
  return {
    port: (relay.address() as AddressInfo).port,
    accepted: () => counts.accepted,
    open: () => counts.open,
    closedByServer: () => counts.closedByServer,
  };
}

const report = (person: string, more = "") =>
  JSON.stringify({ identity_id: person, timestamp: 1_793_851_200_000, ext_data: { ep_id: "A__10.0.0.2" }, more });

async function behind(open: (port: number) => Promise<ReverseProxy>) {
  const data = await dataFolder();
  const own = ["--host", "127.0.0.1", "--trust-proxy", "127.0.0.1", "--public-url", `https://${host}`];
  const server = await serveProcess(data, ...own);
  const made = ["keys", "create", "--scope", "ingest", "--box", "gate-1", "--data", data];
  const { token } = await gatepostJson<{ token: string }>(...made);
  const { token: admin } = JSON.parse(readFileSync(join(data, "server.json"), "utf8")) as { token: string };
  return { server, token, admin, proxy: await open(Number(new URL(server.url).port)) };
}

describe.each([
  ["nginx", nginx, ["-v"]],
  ["caddy", caddy, ["version"]],
] as const)("behind %s", (name, open, args) => {
  const reason = missing(name, args, name);
  const itHere = it.skipIf(reason !== null);

  itHere("bodies of 64 MB come through, and of more Gatepost says so itself", async () => {
    const { proxy, token } = await behind(open);
    const [small, large] = [report("1"), report("2", "x".repeat(64 * megabyte - 200))];
    for (const body of [small, large]) {
      const taken = await ask(proxy, `/${token}/HistoryEvent`, { method: "POST", body });
      expect(taken).toEqual({ status: 200, text: '{"message":"SUCCESS","status":0}' });
    }
    const tooLarge = { method: "POST", body: Buffer.alloc(65 * megabyte, 0x20) };
    // A client that keeps sending may be cut off before it reads why.
    const refused = await ask(proxy, `/${token}/HistoryEvent`, tooLarge).catch((error: Error) => error.message);
    if (typeof refused === "string") expect(refused).toMatch(/ECONNRESET|EPIPE|socket hang up/);
    else expect(refused).toMatchObject({ status: 413, text: expect.stringContaining('"status":413') });
  });

  itHere("300 reports over pooled connections are all acknowledged, and the server closes none of these", async () => {
    const { runtime, close } = await temporaryRuntime();
    onTestFinished(close);
    const scaled = 1 / 40;
    const served = await serve(runtime, { host: "127.0.0.1", port: 0, keepAliveTimeout: 75_000 * scaled });
    onTestFinished(() => served.close());
    const token = newToken("ingest");
    await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    const relay = await observedRelay(served.port);
    const proxy = await open(relay.port, 60_000 * scaled);
    const statuses: (number | undefined)[] = [];
    const post = (body: string) => ask(proxy, `/${token}/HistoryEvent`, { method: "POST", body });
    for (let at = 0; at < 20; at++) statuses.push((await post(report(`one-by-one-${at}`))).status);
    expect(relay.accepted()).toBeLessThan(20);
    for (let wave = 0; wave < 14; wave++) {
      const reports = Array.from({ length: 20 }, (_, at) => report(`${wave}-${at}`));
      statuses.push(...(await Promise.all(reports.map(post))).map(({ status }) => status));
      // From shortly before the pool's timeout until after the server's.
      await sleep(1200 + wave * 60);
    }
    expect(statuses).toEqual(Array(300).fill(200));
    await expect.poll(() => relay.open()).toBe(0);
    expect(relay.closedByServer()).toBe(0);
  });

  itHere("the WebSocket of an SE5 comes through", async () => {
    const { proxy, token, admin } = await behind(open);
    const address = `wss://127.0.0.1:${proxy.port}/live?token=${admin}`;
    const options = { servername: host, ca: tls.ca, headers: { host } };
    const socket = new WebSocket(address, options);
    const messages: string[] = [];
    socket.on("message", (message) => messages.push(String(message)));
    socket.on("open", () => socket.send('{"event_list":["*"]}', () => socket.ping()));
    await once(socket, "pong");
    await ask(proxy, `/${token}/HistoryEvent`, { method: "POST", body: report("7") });
    await expect.poll(() => messages[0]).toContain('"identity_id":"7"');
    socket.terminate();
  });

  itHere("Gatepost knows who asks, and believes no one who says it himself", async () => {
    const { proxy, server } = await behind(open);
    const headers = { "x-forwarded-for": "203.0.113.9" };
    const wrong = await ask(proxy, `/gpi_${"w".repeat(27)}/HistoryEvent`, { from: "127.0.0.2", headers });
    expect(wrong.status).toBe(401);
    const { stderr } = await server.stop();
    expect(stderr).toMatch(/"kind":"wrong-key","from":"127\.0\.0\.2"/);
    expect(stderr).not.toContain("203.0.113.9");
  });

  itHere("no log has a path, whatever goes wrong", async () => {
    const { proxy, token, admin, server } = await behind(open);
    const secrets = [token, admin, "HistoryEvent", "event_secret"];
    const path = `/${token}/HistoryEvent`;
    await ask(proxy, path, { method: "POST", body: report("1"), headers: { referer: `https://${host}${path}` } });
    await ask(proxy, `/v1/events?q=event_secret&token=${admin}`);
    await ask(proxy, path, { method: "DELETE" });
    await talk(proxy, `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\nhalf`);
    await talk(proxy, `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: nonsense\r\n\r\n`);
    await talk(proxy, `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n`);
    await talk(proxy, `NONSENSE ${path}\r\n\r\n`);
    await talk(proxy, `GET ${path}?${"a".repeat(100_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await talk(proxy, `GET ${path} HTTP/1.1\r\nHost: other.example.com\r\nX-Long: ${"a".repeat(100_000)}\r\n\r\n`);
    await talk(proxy, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await server.stop();
    // No server is behind it now.
    expect((await ask(proxy, path, { method: "POST", body: report("2") })).status).toBe(502);
    expect((await ask(proxy, `/live?token=${admin}`)).status).toBe(502);
    await proxy.stop();
    const log = proxy.log();
    // It did log: the last ones were not answered.
    expect(log).toContain("502");
    for (const secret of secrets) expect(log).not.toContain(secret);
  });
});
