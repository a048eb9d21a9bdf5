import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { post } from "@gatepost/alerts/targets";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { secretKey, webhookHeaders } from "../../../../packages/embedded/src/bus/signature.ts";

let server: Server | null = null;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  vi.useRealTimers();
});

const timeoutMs = 600_000;

/** Stops the clock of the time limit. The returned function lets the limit pass. */
function stopClock(): () => void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  return () => void vi.advanceTimersByTime(timeoutMs);
}

/** Calls back when the head of an answer has been received. */
function onHead(received: () => void): void {
  const channel = "http.client.response.finish";
  // This channel sees a head before the client does.
  const soon = () => void setImmediate(received);
  subscribe(channel, soon);
  onTestFinished(() => void unsubscribe(channel, soon));
}

/** Posts to a subscriber that does this with each connection once it has begun to ask. */
async function postTo(behave: (socket: Socket) => void, body = "{}") {
  server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("data", () => behave(socket));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const signal = new AbortController().signal;
  return (await post({ url, headers: {}, body, allowPrivate: true }, { timeoutMs, signal })).status;
}

const head = "HTTP/1.1 200 OK\r\n";

/** Writes as fast as the other side takes it. Returns how much that was, by then. */
function pour(socket: Socket, chunk: Buffer): () => number {
  const more = () => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on("drain", more);
  more();
  return () => socket.bytesWritten;
}

/** Writes a text again and again, and calls back once it has been written a few times. */
function dripping(socket: Socket, text: string, onDripped = () => {}): void {
  let drips = 0;
  const timer = setInterval(() => {
    socket.write(text);
    if (++drips === 5) onDripped();
  }, 20);
  socket.on("close", () => clearInterval(timer));
}

describe("a hostile subscriber", () => {
  it("is cut off at the time limit if it never answers", async () => {
    await expect(postTo(stopClock())).rejects.toThrow("no answer within 600000 ms");
  });

  it("is cut off at the time limit if it drips its head", async () => {
    const pass = stopClock();
    const drip = (socket: Socket) => {
      socket.write(head);
      dripping(socket, "x-more: 1\r\n", pass);
    };
    await expect(postTo(drip)).rejects.toThrow("no answer within 600000 ms");
  });

  it("is cut off at the time limit if it only sends 100 Continue", async () => {
    const pass = stopClock();
    const drip = (socket: Socket) => dripping(socket, "HTTP/1.1 100 Continue\r\n\r\n", pass);
    await expect(postTo(drip)).rejects.toThrow("no answer within 600000 ms");
  });

  it("is cut off soon if its body never ends, and its status counts", async () => {
    let poured = () => 0;
    const status = await postTo((socket) => {
      socket.write(`${head}\r\n`);
      poured = pour(socket, Buffer.alloc(16 * 1024));
    });
    expect(status).toBe(200);
    expect(poured()).toBeLessThan(16 * 1024 * 1024);
  });

  it("is cut off at the time limit if its body drips, and its status counts", async () => {
    onHead(stopClock());
    const drip = (socket: Socket) => {
      socket.write(`${head}\r\n`);
      dripping(socket, ".");
    };
    expect(await postTo(drip)).toBe(200);
  });

  it("is cut off if its head never ends", async () => {
    const endless = (socket: Socket) => {
      socket.write(`${head}x: `);
      pour(socket, Buffer.alloc(16 * 1024, "x"));
    };
    await expect(postTo(endless)).rejects.toThrow();
  });

  it("gets no request after its redirect", async () => {
    let asked = 0;
    const status = await postTo((socket) => {
      asked += 1;
      socket.end("HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n");
    });
    expect([status, asked]).toEqual([307, 1]);
  });

  it.each([
    ["closes", (socket: Socket) => void socket.end()],
    ["resets", (socket: Socket) => void socket.resetAndDestroy()],
    ["talks nonsense", (socket: Socket) => void socket.end("220 smtp.example ESMTP\r\n")],
    [
      "switches protocols",
      (socket: Socket) => void socket.write("HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    ],
    ["closes within its head", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nx")],
  ])("has not taken the entry if it %s", async (_, behave) => {
    await expect(postTo(behave)).rejects.toThrow();
  });

  it("is believed if it answers before it has read all", async () => {
    const body = "x".repeat(8 * 1024 * 1024);
    const status = await postTo((socket) => void socket.write(`${head}content-length: 0\r\n\r\n`), body);
    expect(status).toBe(200);
  });

  it("fails if no server listens", async () => {
    const url = new URL("http://127.0.0.1:1/");
    const signal = new AbortController().signal;
    const sent = post({ url, headers: {}, body: "{}", allowPrivate: true }, { timeoutMs, signal });
    await expect(sent).rejects.toThrow("ECONNREFUSED");
  });
});

describe("a signature", () => {
  it("is the signature of Standard Webhooks' own example", () => {
    const key = secretKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ?? Buffer.alloc(0);
    const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    expect(webhookHeaders({ id, at: 1_614_265_330_999, body: '{"test": 2432232314}' }, [key])).toEqual({
      "webhook-id": id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("has one part per key, separated by blanks, the new one first", () => {
    const [one, other] = [Buffer.from("new"), Buffer.from("old")];
    const signed = (...keys: Buffer[]) => webhookHeaders({ id: "a", at: 0, body: "{}" }, keys)["webhook-signature"];
    expect(signed(one, other)).toBe(`${signed(one)} ${signed(other)}`);
    expect(signed()).toBeUndefined();
  });

  it("accepts any text as a secret", () => {
    expect(secretKey("correct horse")).toEqual(Buffer.from("correct horse"));
    expect(secretKey("whsec_")).toBeNull();
    expect(secretKey("whsec_a b")).toBeNull();
  });
});
