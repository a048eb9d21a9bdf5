import { getEventListeners, once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { Connection } from "../../../packages/bridge/src/se5/connection.ts";
import { atEnd, ManualClock, until } from "../../unit/simulator/support.ts";

const megabyte = 1024 * 1024;
const [small, large] = [Buffer.alloc(1), Buffer.alloc(8 * megabyte)];
/** What a connection may hold, and the message that made it more. */
const limit = 32 * megabyte + large.length;

async function someTurns(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

/** A box that does something with each connection, and its URL. */
async function boxThat(does: (socket: WebSocket) => void, { autoPong = true } = {}): Promise<string> {
  const box = new WebSocketServer({ port: 0, host: "127.0.0.1", autoPong });
  await once(box, "listening");
  atEnd(() => box.close());
  box.on("connection", (socket) => {
    atEnd(() => socket.terminate());
    does(socket);
  });
  return `ws://127.0.0.1:${(box.address() as AddressInfo).port}`;
}

/** A connection to a box that sends messages; each is taken when the test lets it. */
async function connected(messages: readonly Buffer[], { andCloses = false } = {}) {
  const url = await boxThat((socket) => {
    // A box sends nothing before it has the configuration.
    socket.once("message", () => {
      for (const message of messages) socket.send(message);
      if (andCloses) socket.close();
    });
  });
  const waiting: { bytes: number; taken: () => void }[] = [];
  const take = ({ length: bytes }: Buffer) => new Promise<void>((taken) => void waiting.push({ bytes, taken }));
  const clock = new ManualClock();
  const stop = new AbortController();
  atEnd(() => stop.abort());
  const connection = await Connection.open({ url, configuration: "{}", take, clock }, stop.signal);
  const held = () => waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  const takeFirst = async () => {
    waiting.shift()?.taken();
    await someTurns();
  };
  return { held, takeFirst, left: () => waiting.length, connection, stop };
}

const flooded = () => connected(Array.from({ length: 110 }, (_, at) => (at < 100 ? small : large)));

it("a box that sends too fast is not read until enough is taken", async () => {
  const { held, takeFirst } = await flooded();
  await until(() => held() > 32 * megabyte);
  for (let taken = 0; taken < 100; taken++) await takeFirst();
  expect(held()).toBeLessThanOrEqual(limit);
});

it("a paused box is read again once enough messages are taken", async () => {
  const { held, takeFirst, left } = await flooded();
  await until(() => held() > 32 * megabyte);
  let taken = 0;
  await until(() => {
    if (left() === 0) return taken === 110;
    taken += 1;
    void takeFirst();
    return false;
  });
});

it("a connection has ended once all messages are taken, or its wait is aborted", async () => {
  const { takeFirst, left, connection, stop } = await connected([small, small], { andCloses: true });
  const reasons: string[] = [];
  const ends = async (signal: AbortSignal) => void reasons.push((await connection.ended(signal)).message);
  const givenUp = new AbortController();
  void ends(stop.signal);
  void ends(givenUp.signal);
  await until(() => left() === 2);
  await takeFirst();
  expect(reasons).toEqual([]);
  givenUp.abort();
  await until(() => reasons.length === 1);
  await takeFirst();
  await until(() => reasons.length === 2);
  expect(reasons).toEqual(Array(2).fill("the box closed the connection"));
});

/** A box that does something with each ping of the bridge; the connection to it, by a clock that only the test moves. */
async function pinged(does: (socket: WebSocket) => void, { autoPong = false } = {}) {
  const pings = { count: 0 };
  const url = await boxThat(
    (socket) =>
      socket.on("ping", () => {
        pings.count += 1;
        does(socket);
      }),
    { autoPong },
  );
  const clock = new ManualClock();
  const stop = new AbortController();
  atEnd(() => stop.abort());
  const connection = await Connection.open({ url, configuration: "{}", take: async () => {}, clock }, stop.signal);
  const reasons: string[] = [];
  void connection.ended(stop.signal).then(({ message }) => reasons.push(message));
  /** Moves the clock to the next ping, and waits for it or for the end. */
  const nextPing = async () => {
    const before = pings.count;
    clock.move(20_000);
    await until(() => pings.count > before || reasons.length > 0);
    await someTurns();
  };
  return { pings, clock, reasons, nextPing };
}

it("a box that answers nothing for over a minute ends the connection", async () => {
  const { pings, clock, reasons, nextPing } = await pinged(() => {});
  for (let seconds = 20; seconds <= 60; seconds += 20) await nextPing();
  expect([pings.count, reasons]).toEqual([3, []]);
  clock.move(20_000);
  await until(() => reasons.length > 0);
  expect([pings.count, reasons]).toEqual([3, ["the box does not answer any more"]]);
});

it.each([
  ["answers pings", () => {}, { autoPong: true }],
  ["sends pings of its own", (socket: WebSocket) => socket.ping(), { autoPong: false }],
  ["sends messages", (socket: WebSocket) => socket.send("{}"), { autoPong: false }],
])("a box that only %s stays connected", async (_, does, how) => {
  const { pings, reasons, nextPing } = await pinged(does, how);
  for (let round = 0; round < 10; round++) await nextPing();
  expect([pings.count, reasons]).toEqual([10, []]);
});

it("a message that fails ends the connection with the reason; empty ones are skipped", async () => {
  const url = await boxThat((socket) =>
    socket.once("message", () => {
      for (const message of ["first", "", "second", "third"]) socket.send(message);
    }),
  );
  const asked: string[] = [];
  const take = async (message: Buffer) => {
    asked.push(message.toString());
    if (asked.length > 1) throw new Error(`the spool is full at ${message}`);
  };
  const { signal } = new AbortController();
  const connection = await Connection.open({ url, configuration: "{}", take, clock: new ManualClock() }, signal);
  expect((await connection.ended(signal)).message).toBe("the spool is full at second");
  expect(asked.slice(0, 2)).toEqual(["first", "second"]);
});

it("an aborted connection is not opened", async () => {
  const url = await boxThat(() => {});
  const options = { url, configuration: "{}", take: async () => {}, clock: new ManualClock() };
  await expect(Connection.open(options, AbortSignal.abort())).rejects.toThrow();
});

it("it leaves nothing at the signal of its bridge, which outlives many connections", async () => {
  const { takeFirst, left, connection, stop } = await connected([small], { andCloses: true });
  const ended = connection.ended(stop.signal);
  await until(() => left() === 1);
  await takeFirst();
  await ended;
  expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
});

it("a message larger than any report ends the connection before it is in memory", async () => {
  const { connection, left } = await connected([Buffer.alloc(64 * megabyte + 1)]);
  expect((await connection.ended(new AbortController().signal)).message).toContain("Max payload size exceeded");
  expect(left()).toBe(0);
});
