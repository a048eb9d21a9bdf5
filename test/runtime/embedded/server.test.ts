import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { hashToken, newToken } from "@gatepost/core/keys";
import { type RuntimeOptions, type ServeOptions, serve } from "@gatepost/embedded";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { history, noon } from "../../support/reports.ts";
import { isLong } from "../../support/seeded.ts";
import { maxInOneTurn } from "../../support/turns.ts";
import { temporaryRuntime } from "./temporary.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Limits = Pick<RuntimeOptions, "maxInFlight" | "maxBody">;

async function start({ maxInFlight, maxBody, ...options }: Partial<ServeOptions> & Limits = {}) {
  const limits = {
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    ...(maxBody === undefined ? {} : { maxBody }),
  };
  const { runtime, logged, close } = await temporaryRuntime(limits);
  closers.push(close);
  const served = await serve(runtime, { host: "127.0.0.1", port: 0, ...options });
  closers.push(() => served.close());
  const token = newToken("ingest");
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const events = async () => (await runtime.reads.events.list({}, { limit: 100, cursor: null })).items;
  const records = async () => (await runtime.reads.quarantine.list(null, { limit: 100, cursor: null })).items;
  const url = `http://127.0.0.1:${served.port}`;
  return { runtime, logged, served, token, events, records, url, port: served.port };
}

const post = (token: string, body: string, length = Buffer.byteLength(body)) =>
  `POST /${token}/HistoryEvent HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;

describe("the server", () => {
  it("refuses a request without a live key before its body has arrived", async () => {
    const { port, events, records } = await start();
    const { received, closed } = await dial(port, post("gpi_unknownunknownunknownunknown", "{", 50_000_000));
    await closed;
    expect(received()).toMatch(/^HTTP\/1.1 401 [\s\S]+connection: close[\s\S]+"status":401}$/i);
    expect([await events(), await records()]).toEqual([[], []]);
  });

  it("closes a connection whose client keeps sending after the answer", async () => {
    const { port } = await start();
    const sendOn = async (method: string, path: string) => {
      const { socket, received, closed } = await dial(port, headOf(method, path, "Content-Length: 1000000000"));
      const flood = setInterval(() => socket.write("x".repeat(1000)), 5);
      await closed;
      clearInterval(flood);
      return [method, path, received().slice(9, 12)];
    };
    const refused = [
      ["GET", "/", "200"],
      ["GET", "/healthz", "200"],
      ["GET", "/live", "404"],
      ["POST", "/live", "404"],
      ["POST", "/v1/jobs", "401"],
      ["POST", "/nothing/here", "401"],
    ] as const;
    expect(await Promise.all(refused.map(([method, path]) => sendOn(method, path)))).toEqual(refused);
  });

  it("sends 100 Continue only with a valid key", async () => {
    const { port, token } = await start();
    const head = (key: string) =>
      `POST /${key}/HistoryEvent HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`;
    const refused = await dial(port, head("gpi_unknownunknownunknownunknown"));
    await expect.poll(refused.received).toMatch(/^HTTP\/1.1 401 [\s\S]+connection: close/i);
    refused.socket.destroy();
    const admitted = await dial(port, head(token));
    await expect.poll(() => admitted.received()).toMatch(/^HTTP\/1.1 100 Continue/);
    admitted.socket.write("{}");
    await expect.poll(() => admitted.received()).toMatch(/HTTP\/1.1 200 /);
    admitted.socket.destroy();
  });

  it("answers one API request in a turn, so that boxes have theirs", async () => {
    const { runtime, port } = await start();
    const token = newToken("read");
    await runtime.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(token) });
    const ask = (more: string) => headOf("GET", "/v1/me", `Authorization: Bearer ${token}`, more);
    const asking = await Promise.all(Array.from({ length: 60 }, () => dial(port, ask("Accept: */*"))));
    // Each connection may be accepted in another turn: all are accepted before they ask at once.
    for (const { received } of asking) await expect.poll(received).toMatch(/}$/);
    const answer = vi.spyOn(runtime.api, "fetch");
    for (const { socket } of asking) socket.write(ask("Connection: close"));
    const asked = Promise.all(asking.map(({ closed }) => closed));
    // The one of the next turn may begin before it is counted.
    expect(await maxInOneTurn(() => answer.mock.calls.length, asked)).toBeLessThanOrEqual(2);
    expect(answer).toHaveBeenCalledTimes(60);
  });

  it("skips API requests whose clients disconnected before their turn", async () => {
    const { runtime, port, url } = await start();
    const answer = vi.spyOn(runtime.api, "fetch");
    const pipelined = await dial(port, headOf("GET", "/docs").repeat(16));
    await new Promise((resolve) => pipelined.socket.once("data", resolve));
    pipelined.socket.resetAndDestroy();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const asked = answer.mock.calls.map(([request]) => new URL(request.url).pathname);
    // Some have their turns before the server knows that the client is gone.
    expect([asked.length < 17, asked.at(-1)]).toEqual([true, "/healthz"]);
  });

  it("answers the first sixteen of twenty pipelined reports", async () => {
    const { port, token, events } = await start();
    const reports = Array.from({ length: 20 }, (_, at) =>
      post(token, JSON.stringify(history({ timestamp: noon + at }))),
    );
    const { received, closed } = await dial(port, reports.join(""));
    await closed;
    expect(received().match(/"SUCCESS"/g)).toHaveLength(16);
    expect(await events()).toHaveLength(16);
  });

  it("answers a client that ends its side of the connection after its report", async () => {
    const { port, token, events } = await start();
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.end(post(token, JSON.stringify(history())));
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 [\s\S]+"SUCCESS"/);
    expect(await events()).toHaveLength(1);
  });

  it.each(["POST", "GET", "PUT"])("looks a key up once for a request by %s", async (method) => {
    const { runtime, token, url } = await start();
    const find = vi.spyOn(runtime.ingest.keys, "find");
    await fetch(`${url}/${token}/HistoryEvent`, { method, ...(method === "GET" ? {} : { body: "{}" }) });
    expect(find).toHaveBeenCalledOnce();
  });

  it("answers a body over the limit with the limit, and stores nothing", async () => {
    const { port, token, events, records, url } = await start({ maxBody: 1000 });
    const declared = await dial(port, post(token, "x".repeat(1001)));
    await declared.closed;
    expect(declared.received()).toMatch(/^HTTP\/1.1 413 [\s\S]+at most 1000 bytes/);
    const chunks = `${"3e9\r\n"}${"x".repeat(1001)}\r\n0\r\n\r\n`;
    const chunked = await dial(
      port,
      `POST /${token}/HistoryEvent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    );
    await expect.poll(() => chunked.received()).toMatch(/^HTTP\/1.1 413 /);
    chunked.socket.destroy();
    const exactly = await fetch(`${url}/${token}/x`, { method: "POST", body: "x".repeat(1000) });
    expect(exactly.status).toBe(200);
    expect([await events(), (await records()).length]).toEqual([[], 1]);
  });

  it("lets an endless sender see the refusal, and then cuts it off", async () => {
    const { port, token } = await start({ maxBody: 1000 });
    const { socket, received, closed } = await dial(port, post(token, "x".repeat(2000), 1e9));
    const flood = setInterval(() => socket.write("x".repeat(1000)), 5);
    await closed;
    clearInterval(flood);
    expect(received()).toMatch(/^HTTP\/1.1 413 /);
  });

  it("answers 503 if too many bytes are in flight, and then recovers", async () => {
    const { port, token, url } = await start({ maxInFlight: 5000 });
    const hog = await dial(port, post(token, "x".repeat(4000), 4001));
    const send = (bytes: number) => fetch(`${url}/${token}/x`, { method: "POST", body: "y".repeat(bytes) });
    const refusal = async () => {
      const { status, headers } = await send(2000);
      return [status, headers.get("retry-after")];
    };
    await expect.poll(refusal).toEqual([503, "5"]);
    hog.socket.destroy();
    await expect.poll(async () => (await send(2000)).status).toBe(200);
  });

  it("answers other boxes while one uses its half of the room", async () => {
    const { runtime, token, url } = await start();
    const other = newToken("ingest");
    await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-2", tokenHash: hashToken(other) });
    const { room } = runtime.ingest;
    room.take(256 * 1024 * 1024 - 1000, "gate-1");
    const send = (key: string) => fetch(`${url}/${key}/x`, { method: "POST", body: "y".repeat(2000) });
    const refused = await send(token);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await send(other)).status).toBe(200);
  });

  it("gives boxes without keys all of the room, and large bodies theirs", async () => {
    const share = async (options: Partial<RuntimeOptions>) => {
      const { runtime, close } = await temporaryRuntime(options);
      closers.push(close);
      return runtime.ingest.room.maxShare / 1024 / 1024;
    };
    const mb = 1024 * 1024;
    expect(await share({})).toBe(256);
    expect(await share({ settings: { openBox: "open" } })).toBe(512);
    expect(await share({ maxBody: 200 * mb })).toBe(392);
  });

  it("answers other keys while one fills its half of the API's bodies", async () => {
    const { runtime, port } = await start();
    const other = newToken("admin");
    await runtime.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(other) });
    const head = (key: string) => headOf("POST", "/v1/keys", `Authorization: Bearer ${key}`, "Content-Length: 60000");
    const begun = head(runtime.adminToken) + "x".repeat(59_000);
    const hogs = await Promise.all(Array.from({ length: 80 }, () => dial(port, begun)));
    const send = async (key: string) => {
      const { socket, received } = await dial(port, `${head(key)}{"scope":"read"}${" ".repeat(59_984)}`);
      await expect.poll(received).toMatch(/^HTTP/);
      socket.destroy();
      return received().slice(9, 12);
    };
    await expect.poll(() => send(runtime.adminToken)).toBe("503");
    expect(await send(other)).toBe("201");
    for (const { socket } of hogs) socket.destroy();
  });

  it.each(["POST /healthz", "POST /v1/keys", "GET /v1/events", "POST /docs", "DELETE /v1/people", "POST /v1/nothing"])(
    "gives the boxes' room to no body of %s without a key",
    async (line) => {
      const { port, token, url } = await start({ maxInFlight: 5000 });
      const head = `${line} HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n`;
      const stalled = await Promise.all(Array.from({ length: 20 }, () => dial(port, head + "x".repeat(1000))));
      for (const { received } of stalled) await expect.poll(received).toMatch(/^HTTP\/1.1 /);
      const send = () => fetch(`${url}/${token}/x`, { method: "POST", body: "y".repeat(4000) });
      expect((await send()).status).toBe(200);
      for (const { socket, received } of stalled) {
        expect(received()).not.toMatch(/^HTTP\/1.1 503/);
        socket.destroy();
      }
    },
  );

  it("accepts the body of an API request only with a key, and completely", async () => {
    const { port, runtime } = await start();
    const head = (...headers: string[]) =>
      ["POST /v1/keys HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 16", ...headers, "", ""].join(
        "\r\n",
      );
    const refused = await dial(port, head());
    await expect.poll(refused.received).toMatch(/^HTTP\/1.1 401 [\s\S]+connection: close/i);
    refused.socket.destroy();
    const admitted = await dial(port, head(`Authorization: Bearer ${runtime.adminToken}`));
    await expect.poll(admitted.received).toMatch(/^HTTP\/1.1 100 Continue/);
    admitted.socket.write('{"scope":"read"}');
    await expect.poll(admitted.received).toMatch(/HTTP\/1.1 201 [\s\S]+"token":"gpr_/);
  });

  it("sends no answer and logs no error if an API client disconnects mid-body", async () => {
    const { port, runtime, logged, url } = await start();
    const key = `Authorization: Bearer ${runtime.adminToken}`;
    const cut = await dial(port, `POST /v1/keys HTTP/1.1\r\nHost: x\r\n${key}\r\nContent-Length: 100\r\n\r\n{`);
    await sleep(50);
    cut.socket.destroy();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await sleep(50);
    expect(logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("makes no event of a body that its sender did not finish", async () => {
    const { port, token, events, records, url } = await start({ maxInFlight: 100_000 });
    const body = JSON.stringify(history());
    for (let i = 0; i < 20; i++) {
      const { socket } = await dial(port, post(token, body.slice(0, -1), Buffer.byteLength(body)));
      socket.destroy();
    }
    // Their room is given back: a body of the whole allowance is accepted.
    const whole = () => fetch(`${url}/${token}/x`, { method: "POST", body: "z".repeat(100_000) });
    await expect.poll(async () => (await whole()).status).toBe(200);
    expect([await events(), (await records()).length]).toEqual([[], 1]);
  });

  it("stores a complete body though its sender disconnected at once", async () => {
    const { port, token, events } = await start();
    const { socket } = await dial(port, post(token, JSON.stringify(history())));
    socket.end();
    socket.destroySoon();
    await expect.poll(events).toHaveLength(1);
  });

  it("cuts off a client that drips, and keeps no byte of it", async () => {
    const { port, token, events, records } = await start({ requestTimeout: 300 });
    const { socket, received, closed } = await dial(port, post(token, "{", 1000));
    const drip = setInterval(() => socket.write(" "), 50);
    await closed;
    clearInterval(drip);
    expect(received()).toMatch(/^(HTTP\/1.1 408 |$)/);
    expect([await events(), await records()]).toEqual([[], []]);
  });

  it("finishes requests in flight when it closes, and accepts no new ones", async () => {
    const { port, token, events, served } = await start();
    const body = JSON.stringify(history());
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const slow = await dial(port, headOf("POST", `/${token}/HistoryEvent`, length, "Expect: 100-continue"));
    await expect.poll(slow.received).toMatch(/^HTTP\/1.1 100 Continue/);
    const closing = served.close();
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    slow.socket.write(body);
    await Promise.all([closing, slow.closed]);
    expect(slow.received()).toMatch(/HTTP\/1.1 200 /);
    expect(await events()).toHaveLength(1);
  });

  it.each([
    ["a path of broken percent signs", "/%E0%A4%A/%%%"],
    ["a path of two slashes", "//v1//events"],
    ["a path of a thousand parts", `/${"a/".repeat(1000)}`],
    ["the asterisk", "*"],
    ["an absolute address", "http://elsewhere/v1/events"],
  ])("survives %s, and answers it", async (_, path) => {
    const { port, logged } = await start();
    const { received, closed } = await dial(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await closed;
    expect(received()).toMatch(/^HTTP\/1.1 (400|401|404) /);
    expect(logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("accepts a report with an absolute target, as sent to a proxy", async () => {
    const { port, token, events } = await start();
    const text = post(token, JSON.stringify(history())).replace("POST /", "POST HTTP://gatepost.example:80/");
    const { received } = await dial(port, text);
    await expect.poll(received).toMatch(/^HTTP\/1.1 200 /);
    expect(await events()).toHaveLength(1);
    const health = await dial(port, "GET http://elsewhere/healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect.poll(health.received).toMatch(/^HTTP\/1.1 200 /);
  });

  it.each(["/docs/../v1/keys", "//v1/keys", "/docs/%2e%2e/v1/keys", "/docs%2f..%2fv1%2fkeys", "/docs\\..\\v1\\keys"])(
    "answers %s by its raw path, not by the parsed one",
    async (path) => {
      const { port, runtime } = await start();
      const key = `Authorization: Bearer ${runtime.adminToken}`;
      const { received } = await dial(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${key}\r\n\r\n`);
      await expect.poll(received).toMatch(/^HTTP\/1.1 404 /);
    },
  );

  it.each([
    ["a report", () => "/RealTimeEvent"],
    ["the API", () => "/v1/events"],
  ])("keeps a connection with a live key to %s, while others hang", async (_, path) => {
    const { port, runtime, token } = await start({ connections: { withoutKey: 20 } });
    const request =
      path() === "/v1/events"
        ? `GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${runtime.adminToken}\r\n\r\n`
        : post(token, JSON.stringify(history()));
    const kept = await dial(port, request);
    await expect.poll(kept.received).toMatch(/^HTTP\/1.1 200 /);
    const hanging = [];
    for (let n = 0; n < (isLong ? 2000 : 200); n++) hanging.push(await dial(port, "GET / HTTP/1.1\r\n"));
    kept.socket.write(request);
    await expect.poll(() => kept.received().match(/HTTP\/1.1 200 /g)).toHaveLength(2);
    for (const { socket } of hanging) socket.destroy();
  });

  it("answers a new box at once while others hang", async () => {
    const { url, port, token, events } = await start();
    const hanging = [];
    for (let n = 0; n < (isLong ? 2000 : 300); n++) hanging.push(await dial(port, "POST /x HTTP/1.1\r\n"));
    const answer = await fetch(`${url}/${token}/RealTimeEvent`, { method: "POST", body: JSON.stringify(history()) });
    expect([answer.status, (await events()).length]).toEqual([200, 1]);
    for (const { socket } of hanging) socket.destroy();
  });

  it("counts failed keys by the client address from a trusted proxy only", async () => {
    const guess = async (url: string, address: string) =>
      (await fetch(`${url}/${newToken("ingest")}/x`, { headers: { "x-forwarded-for": address } })).status;
    const trusting = await start({ trustProxy: ["127.0.0.0/8"] });
    for (let n = 0; n < 30; n++) await guess(trusting.url, "192.0.2.1");
    expect([await guess(trusting.url, "192.0.2.1"), await guess(trusting.url, "192.0.2.2")]).toEqual([429, 401]);
    const other = await start();
    for (let n = 0; n < 30; n++) await guess(other.url, `192.0.2.${n}`);
    expect(await guess(other.url, "192.0.2.99")).toBe(429);
    const unbelieved = ({ logged }: typeof other) =>
      logged.filter(({ message }) => message.startsWith("an address in X-Forwarded-For is not believed"));
    expect([unbelieved(trusting), unbelieved(other)]).toMatchObject([
      [],
      [{ level: "warn", facts: { proxy: "127.0.0.1" } }],
    ]);
  });

  it("logs refused clients, and the reason", async () => {
    const { port, runtime, token, url, logged } = await start({ maxBody: 1000 });
    await fetch(`${url}/${newToken("ingest")}/RealTimeEvent`, { method: "POST", body: "{}" });
    await fetch(`${url}/${token}/HistoryEvent`, { method: "POST", body: "x".repeat(1001) });
    await fetch(`${url}/v1/nothing`);
    await fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${newToken("read")}` } });
    await (await dial(port, "\u0016\u0003\u0001\u0002\u0000\u0001")).closed;
    const { recent } = runtime.ingest.refusals;
    expect(recent.map(({ kind, from, path }) => [kind, from, path])).toEqual([
      ["tls", "127.0.0.1", "/"],
      ["too-large", "127.0.0.1", "/…/HistoryEvent"],
      ["wrong-key", "127.0.0.1", "/…/RealTimeEvent"],
    ]);
    const lines = logged.filter(({ message }) => message === "refused");
    expect(lines.map(({ facts }) => facts)).toEqual([
      { kind: "wrong-key", from: "127.0.0.1", times: 1, shows: "key" },
      { kind: "too-large", from: "127.0.0.1", times: 1, shows: "key" },
      { kind: "wrong-path", from: "127.0.0.1", times: 1 },
      { kind: "wrong-key", from: "127.0.0.1", times: 1 },
      { kind: "tls", from: "127.0.0.1", times: 1 },
    ]);
  });

  it("logs the first report of a box, and no other", async () => {
    const { token, url, logged } = await start();
    for (const score of [1, 2]) {
      await fetch(`${url}/${token}/HistoryEvent`, { method: "POST", body: JSON.stringify(history({ score })) });
    }
    const lines = logged.filter(({ message }) => message === "first report");
    expect(lines).toMatchObject([{ level: "info", facts: { box: "gate-1", kind: "history" } }]);
  });

  it("never logs a key or a path", async () => {
    const { token, url, logged } = await start();
    await fetch(`${url}/${token}/secret-path`, { method: "POST", body: `{broken "${token}"` });
    await fetch(`${url}/gpi_unknownunknownunknownunknown/secret-path`, { method: "POST", body: "{}" });
    const lines = JSON.stringify(logged);
    expect(lines).toContain("quarantined");
    expect(lines).not.toContain("gpi_");
    expect(lines).not.toContain("secret-path");
  });
});
