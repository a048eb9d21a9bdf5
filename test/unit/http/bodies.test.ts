import { Room } from "@gatepost/core/room";
import { Bodies, BodyTurns, refuse, send } from "@gatepost/http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HeldBody } from "../../../packages/http/src/held-body.ts";
import { dial, headOf } from "../../support/dial.ts";
import { keptLog, listening } from "./support.ts";

afterEach(() => void vi.useRealTimers().restoreAllMocks());

interface Limits {
  maxBytes: number;
  maxInFlight: number;
  maxShare?: number;
}

/**
 * A server that reads bodies of at most 1000 bytes, 1500 together, and passes each to `use`; the path is the holder.
 */
async function reading(
  use: (body: Buffer) => Promise<void> = async () => {},
  { maxBytes, maxInFlight, maxShare }: Limits = { maxBytes: 1000, maxInFlight: 1500 },
  pace: ConstructorParameters<typeof Bodies>[1] = {},
) {
  const bodies = new Bodies(new Room(maxInFlight, maxShare), pace);
  const read: string[] = [];
  const { lines, log } = keptLog();
  const add = vi.spyOn(HeldBody.prototype, "add");
  const { url, port } = await listening(async ({ url: holder = "" }, response) => {
    try {
      await bodies.read(response, { maxBytes, holder }, async (body) => {
        read.push(body.toString());
        await use(body);
        send(response, { status: 200, headers: {}, body: "read" });
      });
    } catch (error) {
      refuse(response, error, { log });
    }
  });
  const post = (bytes: number, holder = "/") => fetch(`${url}${holder}`, { method: "POST", body: "x".repeat(bytes) });
  const arrived = () => add.mock.calls.reduce((bytes, [piece]) => bytes + piece.length, 0);
  return { port, read, post, lines, arrived };
}

/** Stops the clock by which the pace of bodies is watched. It moves only by the returned function. */
function stopClock() {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  return async (ms: number) => {
    vi.advanceTimersByTime(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
}

const tooMuch = { message: "too much is being received at once, send it again", status: 503 };

describe("Bodies", () => {
  it("are handed over whole for any number of pieces", async () => {
    const { port, read } = await reading();
    const { socket, received } = await dial(port, headOf("POST", "/", "Transfer-Encoding: chunked"));
    for (const piece of ["2\r\n北".slice(0, 3), "{}\r\n", "3\r\n[1]\r\n", "0\r\n\r\n"]) socket.write(piece);
    await expect.poll(() => received()).toContain("read");
    expect(read).toEqual(["{}[1]"]);
  });

  it("have a limit of bytes, by measured and not by declared size", async () => {
    const { port, read, post } = await reading();
    expect((await post(1000)).status).toBe(200);
    const refused = await post(1001);
    expect([refused.status, await refused.json()]).toEqual([
      413,
      { message: "a body may have at most 1000 bytes", status: 413 },
    ]);
    const chunk = `3e9\r\n${"x".repeat(1001)}\r\n`;
    const { received, closed } = await dial(port, headOf("POST", "/", "Transfer-Encoding: chunked") + chunk);
    await closed;
    expect(received()).toMatch(/^HTTP\/1.1 413 /);
    expect(read.map(({ length }) => length)).toEqual([1000]);
  });

  it("count towards the total until their use ends", async () => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const { post, read } = await reading((body) => (body.length === 900 ? done : Promise.resolve()));
    const first = post(900);
    await expect.poll(() => read).toHaveLength(1);
    const refused = await post(700);
    expect([refused.status, refused.headers.get("retry-after"), await refused.json()]).toEqual([503, "5", tooMuch]);
    expect((await post(600)).status).toBe(200);
    finish();
    expect((await first).status).toBe(200);
    expect((await post(700)).status).toBe(200);
  });

  it("give their room back if their use fails", async () => {
    const { post, lines } = await reading(() => Promise.reject(new Error("no disk")));
    for (let i = 0; i < 3; i++) {
      expect(await (await post(1000)).json()).toEqual({
        message: "nothing could be stored, send it again",
        status: 503,
      });
    }
    expect(lines).toHaveLength(3);
  });

  it("take no room after a refusal, even if more bytes arrive", async () => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const use = (body: Buffer) => (body.length === 900 ? done : Promise.resolve());
    const { port, post, read } = await reading(use, { maxBytes: 1000, maxInFlight: 1000 });
    const first = post(900);
    await expect.poll(() => read).toHaveLength(1);
    const { socket, received, closed } = await dial(
      port,
      headOf("POST", "/", "Content-Length: 1000") + "x".repeat(200),
    );
    await expect.poll(received).toMatch(/^HTTP\/1.1 503 /);
    finish();
    expect((await first).status).toBe(200);
    socket.write("x".repeat(500));
    await closed;
    expect((await post(1000)).status).toBe(200);
  });

  it("are not watched after a refusal", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { post } = await reading();
    expect((await post(1001)).status).toBe(413);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1000);
    await expect.poll(() => vi.getTimerCount()).toBe(0);
  });

  it("are handed over in turns, so that many of them delay nothing else", async () => {
    const { promise: turn, resolve: come } = Promise.withResolvers<void>();
    const next = vi.spyOn(BodyTurns.prototype, "next").mockReturnValueOnce(turn);
    const { post, read } = await reading();
    const first = post(900);
    await expect.poll(() => next.mock.calls).toEqual([[900]]);
    expect((await post(600)).status).toBe(200);
    come();
    expect((await first).status).toBe(200);
    expect(read.map(({ length }) => length)).toEqual([600, 900]);
  });

  it("are dropped if they are cut off, and give their room back", async () => {
    const { port, post, read, lines } = await reading();
    for (let i = 0; i < 5; i++) {
      const { socket, closed } = await dial(port, `${headOf("POST", "/", "Content-Length: 1000")}${"x".repeat(999)}`);
      socket.end();
      await closed;
    }
    await expect.poll(async () => (await post(1000)).status).toBe(200);
    expect([read.length, lines]).toEqual([1, []]);
  });

  it("are asked for if the client sent Expect: 100-continue", async () => {
    const { port } = await reading();
    const { socket, received } = await dial(port, headOf("POST", "/", "Expect: 100-continue", "Content-Length: 2"));
    await expect.poll(() => received()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("{}");
    await expect.poll(() => received()).toMatch(/\r\nHTTP\/1.1 200 [\s\S]+read$/);
  });

  it.each([
    ["declared", (bytes: Buffer) => headOf("POST", "/", `Content-Length: ${bytes.length}`)],
    ["not declared", () => headOf("POST", "/", "Transfer-Encoding: chunked")],
  ])("are whole with megabytes and a length %s, and freed after their use", async (_, head) => {
    const bytes = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251));
    let kept: Buffer = Buffer.alloc(0);
    let isEqual = false;
    const use = async (body: Buffer) => {
      kept = body;
      isEqual = body.equals(bytes);
    };
    const { port } = await reading(use, { maxBytes: 3_000_000, maxInFlight: 3_000_000 });
    const { socket, received } = await dial(port, head(bytes));
    const isChunked = head(bytes).includes("chunked");
    for (let at = 0; at < bytes.length; at += 70_000) {
      const piece = bytes.subarray(at, at + 70_000);
      if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`);
      socket.write(piece);
      if (isChunked) socket.write("\r\n");
    }
    if (isChunked) socket.write("0\r\n\r\n");
    await expect.poll(() => received()).toContain("200 OK");
    expect([isEqual, kept.length]).toEqual([true, 0]);
  });

  it("take room by received and not by declared bytes", async () => {
    const { port, post } = await reading(async () => {}, { maxBytes: 1_000_000, maxInFlight: 1_100_000 });
    const dripping = await Promise.all(
      [1, 2, 3].map(() => dial(port, `${headOf("POST", "/", "Content-Length: 900000")}{`)),
    );
    await expect.poll(async () => (await post(900_000)).status).toBe(200);
    for (const { socket } of dripping) socket.destroy();
  });

  it("take room for all that has come of them, in pieces or not", async () => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const use = (body: Buffer) => (body.length === 900_000 ? done : Promise.resolve());
    const { port, post, read } = await reading(use, { maxBytes: 1_000_000, maxInFlight: 1_100_000 });
    const { socket } = await dial(port, headOf("POST", "/", "Transfer-Encoding: chunked"));
    for (let piece = 0; piece < 9; piece++) socket.write(`${(100_000).toString(16)}\r\n${"x".repeat(100_000)}\r\n`);
    socket.write("0\r\n\r\n");
    await expect.poll(() => read).toHaveLength(1);
    expect((await post(200_001)).status).toBe(503);
    expect((await post(200_000)).status).toBe(200);
    finish();
    await expect.poll(async () => (await post(1_000_000)).status).toBe(200);
  });

  it("end their connection if they are too slow, and give their room back", async () => {
    const passes = stopClock();
    const { port, post, read, arrived } = await reading(undefined, { maxBytes: 1000, maxInFlight: 1000 });
    const { socket, received, closed } = await dial(port, `${headOf("POST", "/", "Content-Length: 900")}{`);
    await expect.poll(arrived).toBe(1);
    await passes(20_000);
    socket.write(" ");
    await passes(20_000);
    await closed;
    expect(received()).toMatch(
      /^HTTP\/1.1 408 [\s\S]+"the body arrives too slowly: under \d+ bytes per second for \d+ s"/,
    );
    expect((await post(1000)).status).toBe(200);
    expect(read.map(({ length }) => length)).toEqual([1000]);
  });

  it.each([
    ["", "x"],
    [", even after a fast beginning", "x".repeat(899)],
  ])("end their connection if they stop arriving%s", async (_, beginning) => {
    const passes = stopClock();
    const { port, arrived } = await reading(undefined, undefined, { graceMs: 30_000, bytesPerSecond: 1 });
    const { closed } = await dial(port, headOf("POST", "/", "Content-Length: 900") + beginning);
    await expect.poll(arrived).toBe(beginning.length);
    await passes(31_000);
    await passes(31_000);
    await closed;
  });

  it("are limited per holder, without an effect on other holders", async () => {
    const { port, post, read } = await reading(undefined, { maxBytes: 1000, maxInFlight: 2000, maxShare: 1000 });
    const begun = headOf("POST", "/one", "Transfer-Encoding: chunked");
    const hogs = await Promise.all([1, 2, 3].map(() => dial(port, `${begun}12c\r\n${"x".repeat(300)}\r\n`)));
    const refused = async () => [(await post(101, "/one")).status, (await post(100, "/one")).status];
    await expect.poll(refused).toEqual([503, 200]);
    expect((await post(1000, "/other")).status).toBe(200);
    for (const { socket } of hogs) socket.destroy();
    await expect.poll(async () => (await post(1000, "/one")).status).toBe(200);
    expect(read.at(-1)).toHaveLength(1000);
  });

  it("are read if they are slow but fast enough", async () => {
    const passes = stopClock();
    const { port, arrived } = await reading(undefined, undefined, { graceMs: 30_000, bytesPerSecond: 0.03 });
    const { socket, received } = await dial(port, headOf("POST", "/", "Content-Length: 10"));
    for (let n = 1; n <= 10; n++) {
      socket.write("x");
      await expect.poll(arrived).toBe(n);
      await passes(31_000);
    }
    await expect.poll(received).toContain("read");
  });

  it("are read if they arrived while the process was blocked", async () => {
    const passes = stopClock();
    const { port, arrived } = await reading();
    const { socket, received } = await dial(port, `${headOf("POST", "/", "Content-Length: 10")}x`);
    await expect.poll(arrived).toBe(1);
    // Timers run before arrived bytes are read, if something other than a timer took long.
    await new Promise((resolve) => setImmediate(resolve));
    socket.write("x".repeat(9));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await passes(31_000);
    await expect.poll(received).toMatch(/^HTTP\/1.1 200 OK.*read/s);
  });

  it("may take their time to be stored", async () => {
    const passes = stopClock();
    const { post } = await reading(() => passes(600_000), undefined);
    expect((await post(10)).status).toBe(200);
  });
});
