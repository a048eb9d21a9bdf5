import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { Connection } from "../../../packages/bridge/src/se5/connection.ts";
import { atEnd, ManualClock, until } from "../../unit/simulator/support.ts";

const megabyte = 1024 * 1024;
const [small, large] = [Buffer.alloc(1), Buffer.alloc(8 * megabyte)];
/** What a connection may hold, and the message that made it more. */
const most = 32 * megabyte + large.length;

/** A box that sends messages; the connection to it, which takes what is let. */
async function connected(messages: readonly Buffer[], { andCloses = false } = {}) {
  const box = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(box, "listening");
  atEnd(() => box.close());
  box.on("connection", (socket) => {
    atEnd(() => socket.terminate());
    // Nothing comes of a box before it has the configuration.
    socket.once("message", () => {
      for (const message of messages) socket.send(message);
      if (andCloses) socket.close();
    });
  });
  const waiting: { bytes: number; taken: () => void }[] = [];
  const take = ({ length: bytes }: Buffer) => new Promise<void>((taken) => void waiting.push({ bytes, taken }));
  const url = `ws://127.0.0.1:${(box.address() as AddressInfo).port}`;
  const clock = new ManualClock();
  const stop = new AbortController();
  atEnd(() => stop.abort());
  const connection = await Connection.open({ url, configuration: "{}", take, clock }, stop.signal);
  const held = () => waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  const takeFirst = async () => {
    waiting.shift()?.taken();
    for (let turns = 0; turns < 20; turns++) await turn();
  };
  return { held, takeFirst, left: () => waiting.length, connection, stop };
}

const flooded = () => connected(Array.from({ length: 110 }, (_, at) => (at < 100 ? small : large)));

it("a box that sends faster than is taken is read no further, however many small messages are taken meanwhile", async () => {
  const { held, takeFirst } = await flooded();
  await until(() => held() > 32 * megabyte);
  for (let taken = 0; taken < 100; taken++) await takeFirst();
  expect(held()).toBeLessThanOrEqual(most);
});

it("it is read on once what it sent is taken", async () => {
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

it("it has ended once the box is gone and all that it sent is taken, or nobody waits for that any more", async () => {
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
