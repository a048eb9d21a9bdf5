import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type AnswerLimits, Answers, refuse } from "@gatepost/http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { keptLog, listening } from "./support.ts";

const mb = 1024 * 1024;
/** More than the operating system buffers of an unread answer. */
const large = 16 * mb;

afterEach(() => void vi.useRealTimers());

/** Stops the clock by which unread answers are watched. */
const stopClock = () => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });

type Send = (answers: Answers, response: ServerResponse, holder: string) => Promise<void>;

const bytes = (length: number) => Buffer.alloc(length, "x");
const whole =
  (make = () => bytes(large)): Send =>
  (answers, response, holder) =>
    answers.send(response, { status: 200, headers: {}, body: make() }, holder);

/** A server that answers each request by `send`, for the holder that its path names. */
async function answering(limits: Partial<AnswerLimits>, send: Send = whole()) {
  const answers = new Answers(limits);
  const { log } = keptLog();
  const asked: ServerResponse[] = [];
  const { port, url } = await listening(async (request, response) => {
    asked.push(response);
    await send(answers, response, request.url ?? "").catch((error: unknown) => refuse(response, error, { log }));
  });
  /** Asks, and reads nothing of the answers. */
  const ask = async (...paths: readonly string[]) => {
    const before = asked.length;
    const { socket } = await dial(port, paths.map((path) => headOf("GET", path)).join(""));
    socket.pause();
    await expect.poll(() => asked.length).toBe(before + paths.length);
    return socket;
  };
  const get = async (path: string) => {
    const answer = await fetch(url + path);
    return [answer.status, (await answer.text()).length];
  };
  return { port, ask, asked, get };
}

/** Reads some of the arrived bytes, and stops again. */
async function readSome(client: Socket): Promise<void> {
  client.resume();
  await once(client, "data");
  client.pause();
}

describe("An answer", () => {
  it.each([0, 1, 32 * 1024, 32 * 1024 + 1, 3 * mb])("arrives complete with %i bytes", async (length) => {
    const { get } = await answering(
      {},
      whole(() => bytes(length)),
    );
    expect(await get("/")).toEqual([200, length]);
  });

  it("has its connection closed if the client does not read it", async () => {
    stopClock();
    const { ask, asked } = await answering({ stallMs: 30_000 });
    await ask("/one", "/two");
    vi.advanceTimersByTime(31_000);
    expect(asked[0]?.req.socket.destroyed).toBe(true);
  });

  it("is kept while the client reads slowly, and cut once it stops", async () => {
    stopClock();
    const { ask, asked } = await answering(
      { stallMs: 30_000 },
      whole(() => bytes(4 * large)),
    );
    const client = await ask("/");
    const [{ req } = expect.fail("nobody has asked")] = asked;
    for (let time = 0; time < 3; time++) {
      vi.advanceTimersByTime(20_000);
      const { bytesWritten } = req.socket;
      // Bytes in the operating system's buffers are read first: the server does not notice that.
      while (req.socket.bytesWritten === bytesWritten) await readSome(client);
    }
    vi.advanceTimersByTime(20_000);
    expect(req.socket.destroyed).toBe(false);
    vi.advanceTimersByTime(30_000);
    expect(req.socket.destroyed).toBe(true);
  });

  it("waits for its pieces for as long as they take", async () => {
    stopClock();
    const more = Promise.withResolvers<void>();
    async function* pieces() {
      yield bytes(1);
      await more.promise;
      yield bytes(1);
    }
    const send: Send = (answers, response, holder) =>
      answers.stream(response, { status: 200, headers: {} }, { pieces: pieces(), holder });
    const { port } = await answering({ stallMs: 30_000 }, send);
    const { received } = await dial(port, headOf("GET", "/"));
    await expect.poll(received).toMatch(/\r\n1\r\nx\r\n$/);
    vi.advanceTimersByTime(200_000);
    more.resolve();
    await expect.poll(received).toMatch(/\r\n1\r\nx\r\n1\r\nx\r\n0\r\n\r\n$/);
  });
});

describe("Answers on their way", () => {
  it("are limited per holder and in total: more get 503 until others end", async () => {
    const { ask, get } = await answering({ maxBytes: 4 * large });
    const hogs = [await ask("/one"), await ask("/one")];
    expect(await get("/one")).toEqual([503, expect.any(Number)]);
    expect(await get("/two")).toEqual([200, large]);
    hogs.push(await ask("/two"), await ask("/two"));
    expect(await get("/three")).toEqual([503, expect.any(Number)]);
    for (const socket of hogs) socket.destroy();
    await expect.poll(() => get("/three")).toEqual([200, large]);
    await expect.poll(() => get("/one")).toEqual([200, large]);
  });

  it("are released if an earlier answer was the last on their connection", async () => {
    const { ask, get } = await answering({ maxBytes: 4 * large });
    const socket = await ask("/one", "/one");
    expect(await get("/one")).toEqual([503, expect.any(Number)]);
    socket.destroy();
    await expect.poll(() => get("/one")).toEqual([200, large]);
    await expect.poll(async () => (await ask("/one", "/one")).destroyed).toBe(false);
  });

  it("count once if they have the same bytes", async () => {
    const body = bytes(large);
    const { ask, get } = await answering(
      { maxBytes: 2 * large },
      whole(() => body),
    );
    for (let n = 0; n < 5; n++) await ask("/one");
    expect(await get("/two")).toEqual([200, large]);
  });

  it("are never refused if they are small", async () => {
    const { ask, get } = await answering({ maxBytes: large }, (answers, response, holder) =>
      whole(() => bytes(holder === "/one" ? large : 1000))(answers, response, holder),
    );
    await ask("/one");
    expect(await get("/one")).toEqual([503, expect.any(Number)]);
    expect(await get("/two")).toEqual([200, 1000]);
  });

  it("are sent alone if they are larger than a share", async () => {
    const { get } = await answering({ maxBytes: mb });
    expect(await get("/")).toEqual([200, large]);
  });
});

describe("An answer in pieces", () => {
  /** Pieces without end, and whether they were given up. */
  function endless() {
    const state = { made: 0, isOver: false };
    async function* pieces() {
      try {
        for (; ; state.made++) yield bytes(64 * 1024);
      } finally {
        state.isOver = true;
      }
    }
    const send: Send = (answers, response, holder) =>
      answers.stream(response, { status: 200, headers: {} }, { pieces: pieces(), holder });
    return { state, send };
  }

  it.each([
    ["reads nothing", ["/"]],
    ["reads nothing of the one before", ["/", "/"]],
  ])("is given up if its client %s", async (_, paths) => {
    stopClock();
    const states: ReturnType<typeof endless>["state"][] = [];
    const { ask } = await answering({ stallMs: 30_000 }, (...to) => {
      const { state, send } = endless();
      states.push(state);
      return send(...to);
    });
    await ask(...paths);
    vi.advanceTimersByTime(31_000);
    await expect.poll(() => states.map(({ isOver }) => isOver)).toEqual(paths.map(() => true));
    expect(Math.max(...states.map(({ made }) => made)) * 64 * 1024).toBeLessThan(large);
  });

  it("is released if its client was gone before the next piece was there", async () => {
    const next = Promise.withResolvers<void>();
    async function* pieces() {
      yield bytes(1);
      await next.promise;
      yield bytes(large);
    }
    const streamed = Promise.withResolvers<void>();
    const { ask, asked, get } = await answering({ maxBytes: 2 * large }, async (answers, response, holder) => {
      if (holder === "/whole") return whole()(answers, response, "/");
      await answers.stream(response, { status: 200, headers: {} }, { pieces: pieces(), holder });
      streamed.resolve();
    });
    const client = await ask("/");
    const gone = once(asked[0] ?? expect.fail("nobody has asked"), "close");
    client.resetAndDestroy();
    await gone;
    next.resolve();
    await streamed.promise;
    expect(await get("/whole")).toEqual([200, large]);
  });

  it.each([
    ["refused if it cannot begin", 0, /^HTTP\/1.1 503 /],
    ["the end of its connection where it cannot go on", 1, /^(?!HTTP\/1.1 503 )(?![\s\S]*\r\n0\r\n\r\n$)/],
  ])("is %s", async (_, good, expected) => {
    async function* pieces() {
      for (let n = 0; n < good; n++) yield bytes(3);
      await Promise.reject(new Error("no disk"));
    }
    const { port } = await answering({}, (answers, response, holder) =>
      answers.stream(response, { status: 200, headers: { connection: "close" } }, { pieces: pieces(), holder }),
    );
    const { received, closed } = await dial(port, headOf("GET", "/", "Connection: close"));
    await closed;
    expect(received()).toMatch(expected);
  });
});
