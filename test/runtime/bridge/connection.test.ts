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

/** A box that sends a hundred small messages and then ten large ones; the connection to it, which takes what is let. */
async function flooded() {
  const box = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(box, "listening");
  atEnd(() => box.close());
  box.on("connection", (socket) => {
    atEnd(() => socket.terminate());
    // Nothing comes of a box before it has the configuration.
    socket.once("message", () => {
      for (let sent = 0; sent < 110; sent++) socket.send(sent < 100 ? small : large);
    });
  });
  const waiting: { bytes: number; taken: () => void }[] = [];
  const take = ({ length: bytes }: Buffer) => new Promise<void>((taken) => void waiting.push({ bytes, taken }));
  const url = `ws://127.0.0.1:${(box.address() as AddressInfo).port}`;
  const clock = new ManualClock();
  await Connection.open({ url, configuration: "{}", take, clock }, new AbortController().signal);
  const held = () => waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  const takeFirst = async () => {
    waiting.shift()?.taken();
    for (let turns = 0; turns < 20; turns++) await turn();
  };
  return { held, takeFirst, left: () => waiting.length };
}

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
