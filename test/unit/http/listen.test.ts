import type { RequestListener, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { listen } from "@gatepost/http";
import { describe, expect, it } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { listening } from "./support.ts";

const hello: RequestListener = (_, response) => void response.end("hello");
const onUpgrade = { upgrade: (_: unknown, socket: { end(text: string): void }) => socket.end("upgraded") };
const asking = (protocol: string) => headOf("GET", "/", "Connection: Upgrade", `Upgrade: ${protocol}`);

/** A server whose answers a test gives itself. */
async function waiting(options: { closeTimeout?: number } = {}) {
  const responses: ServerResponse[] = [];
  const opened = await listening((_, response) => void responses.push(response), options);
  const ask = async () => {
    const dialled = await dial(opened.port, headOf("GET", "/"));
    await expect.poll(() => responses).toHaveLength(1);
    return dialled;
  };
  const nth = (index: number) => responses[index] ?? expect.fail("nobody has asked");
  return { ...opened, ask, responses, nth };
}

it("rejects if the port is taken", async () => {
  const { port } = await listening(hello);
  await expect(listen(hello, { host: "127.0.0.1", port })).rejects.toThrow("EADDRINUSE");
});

describe("Closing", () => {
  it("lets requests in flight finish, and takes no new ones", async () => {
    const { url, close, ask, nth } = await waiting();
    const { received, closed } = await ask();
    const closing = close();
    await expect(fetch(url)).rejects.toThrow();
    nth(0).end("late");
    await Promise.all([closing, closed]);
    expect(received()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]+\r\nconnection: close\r\n[\s\S]+late$/);
  });

  it("makes the next answer the last if one had begun", async () => {
    const { close, ask, responses, nth } = await waiting();
    const { socket, received, closed } = await ask();
    nth(0).writeHead(200, { "content-length": 5 }).flushHeaders();
    const closing = close();
    nth(0).end("begun");
    await expect.poll(() => received()).toMatch(/begun$/);
    socket.write(headOf("GET", "/"));
    await expect.poll(() => responses).toHaveLength(2);
    nth(1).end("next");
    await Promise.all([closing, closed]);
    expect(received()).toMatch(/begunHTTP\/1.1 200 OK\r\nconnection: close\r\n[\s\S]+next$/);
  });

  it("ends connections on which nothing is asked at once", async () => {
    const { port, close } = await listening(hello, { closeTimeout: 3_600_000 });
    const { received, closed } = await dial(port, headOf("GET", "/"));
    await expect.poll(() => received()).toMatch(/hello$/);
    await Promise.all([close(), closed]);
  });

  it("ends connections over which nothing has come yet at once", async () => {
    const { url, port, close } = await listening(hello, { closeTimeout: 3_600_000 });
    const { closed } = await dial(port, "");
    // It was accepted before the one that is answered.
    await (await fetch(url)).text();
    await Promise.all([close(), closed]);
  });

  it("takes no WebSocket any more, and cuts those that are open in time", async () => {
    const taken: Duplex[] = [];
    const upgrade = (_: unknown, socket: Duplex) => void taken.push(socket);
    const { url, port, close } = await listening(hello, { upgrade, closeTimeout: 50 });
    const head = asking("websocket");
    const open = await dial(port, head);
    const late = await dial(port, head.slice(0, -2));
    // They were read before the one that is answered.
    await (await fetch(url)).text();
    expect(taken).toHaveLength(1);
    const closing = close();
    late.socket.write(head.slice(-2));
    await Promise.all([closing, open.closed, late.closed]);
    expect(taken).toHaveLength(1);
  });

  it("cuts requests that are not answered in time", async () => {
    const { close, ask } = await waiting({ closeTimeout: 50 });
    const { received, closed } = await ask();
    await Promise.all([close(), closed]);
    expect(received()).toBe("");
  });
});

/** Answers each request some time after its end. */
const late: RequestListener = (request, response) => {
  request.resume().once("end", () => setTimeout(() => response.end("stored"), 100));
};

it("answers a client that ends its side right after its request", async () => {
  const { port } = await listening(late);
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.end(`${headOf("POST", "/", "Content-Length: 2")}{}`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 [\s\S]+stored/);
});

it("passes a request with Expect: 100-continue to the handler", async () => {
  const { port } = await listening(hello);
  const { received } = await dial(port, headOf("POST", "/", "Expect: 100-continue", "Content-Length: 2"));
  await expect.poll(() => received()).toMatch(/^HTTP\/1.1 200 [\s\S]+hello$/);
});

describe("Pipelined requests of one connection", () => {
  it("are answered in their order, sixteen of them", async () => {
    const { port } = await listening(({ url }, response) => void setImmediate(() => response.end(url)));
    const { received } = await dial(port, Array.from({ length: 16 }, (_, at) => headOf("GET", `/n${at}`)).join(""));
    await expect.poll(() => received().match(/\/n\d+/g)).toEqual(Array.from({ length: 16 }, (_, at) => `/n${at}`));
  });

  const firstSixteen = Array.from({ length: 16 }, (_, at) => `/n${at}`);

  it("end it if they are more: the first sixteen are answered", async () => {
    const { port, responses, nth } = await waiting();
    const requests = Array.from({ length: 1500 }, (_, at) => headOf("GET", `/n${at}`)).join("");
    const { received, closed } = await dial(port, requests);
    await expect.poll(() => responses).toHaveLength(16);
    for (let at = 15; at >= 0; at--) nth(at).end(nth(at).req.url);
    await closed;
    expect([responses.length, received().match(/\/n\d+/g)]).toEqual([16, firstSixteen]);
  });

  it("end it if they are more: the answers arrive though large bodies are unread", async () => {
    const { port, responses, nth } = await waiting();
    const body = "x".repeat(500_000);
    const small = Array.from({ length: 16 }, (_, at) => headOf("GET", `/n${at}`)).join("");
    const large = `${headOf("POST", "/large", `Content-Length: ${body.length}`)}${body}`;
    const { received, closed } = await dial(port, small + large.repeat(4));
    await expect.poll(() => responses).toHaveLength(16);
    for (let at = 0; at < 16; at++) nth(at).end(nth(at).req.url);
    await closed;
    expect(received().match(/\/n\d+/g)).toEqual(firstSixteen);
  });

  it("are answered before the connection is closed for a request that is no HTTP", async () => {
    const { port, responses, nth } = await waiting();
    const { received, closed } = await dial(port, `${headOf("GET", "/n0")}nonsense\r\n\r\n`);
    await expect.poll(() => responses).toHaveLength(1);
    nth(0).end("/n0");
    await closed;
    expect(received()).toMatch(/\/n0$/);
  });

  it("count no more once they are answered", async () => {
    const { port } = await listening(hello);
    const { socket, received } = await dial(port, headOf("GET", "/"));
    for (let n = 1; n <= 40; n++) {
      await expect.poll(() => received().match(/hello/g)).toHaveLength(n);
      socket.write(headOf("GET", "/"));
    }
  });
});

describe("A request for another protocol", () => {
  it("is passed to the handler of WebSockets if it is a WebSocket", async () => {
    const { port } = await listening(hello, onUpgrade);
    const { received, closed } = await dial(port, asking("WebSocket"));
    await closed;
    expect(received()).toBe("upgraded");
  });

  it("has its connection closed if an answer is still due on it", async () => {
    const taken: unknown[] = [];
    const upgrade = (...asked: unknown[]) => void taken.push(asked);
    const { port } = await listening(() => {}, { upgrade });
    const { received, closed } = await dial(port, headOf("GET", "/") + asking("websocket"));
    await closed;
    expect([taken, received()]).toEqual([[], ""]);
  });

  it("is taken after an answer of the same connection", async () => {
    const { port } = await listening(hello, onUpgrade);
    const { socket, received, closed } = await dial(port, headOf("GET", "/"));
    await expect.poll(() => received()).toMatch(/hello$/);
    socket.write(asking("websocket"));
    await closed;
    expect(received()).toMatch(/helloupgraded$/);
  });

  it.each([
    ["HTTP/2, as Java's client does,", "h2c", onUpgrade],
    ["a WebSocket where nobody takes it", "websocket", {}],
  ])("%s is answered like any other", async (_, protocol, options) => {
    const { port } = await listening(hello, options);
    const { received } = await dial(port, asking(protocol));
    await expect.poll(() => received()).toMatch(/^HTTP\/1.1 200 [\s\S]+hello$/);
  });
});

it("cuts off a client that drips its request", async () => {
  const { port } = await listening(hello, { requestTimeout: 300 });
  const { socket, received, closed } = await dial(port, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  const drip = setInterval(() => socket.write("x"), 50);
  await closed;
  clearInterval(drip);
  expect(received()).toMatch(/^(HTTP\/1.1 408 |$)/);
});

describe("A connection without a valid request", () => {
  async function refusing(options: Parameters<typeof listening>[1] = {}) {
    const refused: string[][] = [];
    const onRefused = (...one: string[]) => void refused.push(one);
    return { refused, ...(await listening(hello, { onRefused, ...options })) };
  }

  it.each([
    ["no Host", "GET / HTTP/1.1\r\n\r\n"],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"],
    ["a bare line feed", "GET / HTTP/1.1\nHost: x\n\n"],
    ["a blank before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"],
    ["a blank in the path", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a length that is no number", headOf("POST", "/", "Content-Length: x")],
    ["anything else", "nonsense\r\n\r\n"],
  ])("is counted, and answered with a reason: %s", async (_, text) => {
    const { port, refused } = await refusing();
    const { received, closed } = await dial(port, text);
    await closed;
    expect(refused).toEqual([["not-http", "127.0.0.1"]]);
    const [head = "", body = ""] = received().split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(head.toLowerCase()).toContain("content-security-policy: default-src 'none'");
    expect(head.toLowerCase()).toContain("x-content-type-options: nosniff");
    expect(JSON.parse(body)).toEqual({
      message: expect.stringMatching(/^this is not valid HTTP\/1\.1: \w.+/),
      status: 400,
    });
  });

  it("is counted as TLS if it begins like that", async () => {
    const { port, refused } = await refusing();
    await (await dial(port, "\u0016\u0003\u0001\u0002\u0000\u0001")).closed;
    expect(refused).toEqual([["tls", "127.0.0.1"]]);
  });

  it("is counted and answered if its head is too slow", async () => {
    const { port, refused } = await refusing({ headersTimeout: 200 });
    const { received, closed } = await dial(port, "GET / HTTP/1.1\r\n");
    await closed;
    expect(refused).toEqual([["too-slow", "127.0.0.1"]]);
    expect(received()).toMatch(/^HTTP\/1.1 408 [\s\S]+"the request arrives too slowly: send it faster"/);
  });

  it("is not counted if its client goes away", async () => {
    const { port, refused, url } = await refusing();
    const { socket, closed } = await dial(port, "GET / HTTP/1.1\r\n");
    socket.end();
    await closed;
    await (await fetch(url)).text();
    expect(refused).toEqual([]);
  });

  it("is told the limit if its head is too large", async () => {
    const { port } = await listening(hello);
    const { received, closed } = await dial(port, headOf("GET", "/", `X: ${"x".repeat(20_000)}`));
    await closed;
    expect(received()).toMatch(/^HTTP\/1.1 431 /);
    const [head = "", body = ""] = received().split("\r\n\r\n");
    expect(head).toContain("content-type: application/problem+json\r\n");
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}\r\n`);
    expect(JSON.parse(body)).toMatchObject({ status: 431, detail: expect.stringContaining("16 KB together") });
  });

  it("is not answered into an answer that has begun before its request is complete", async () => {
    const { port } = await listening((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("begun");
    });
    const { socket, received, closed } = await dial(port, headOf("POST", "/", "Transfer-Encoding: chunked"));
    await expect.poll(received).toMatch(/begun$/);
    socket.write("nonsense\r\n\r\n");
    await closed;
    expect(received()).toMatch(/begun$/);
  });
});
