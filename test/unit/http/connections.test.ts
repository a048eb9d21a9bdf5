import type { RequestListener } from "node:http";
import { Connections, closedConnectionsLog } from "@gatepost/http";
import { describe, expect, it } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { listening } from "./support.ts";

/** A server to which every request at `/key` shows a live key, and at `/read` one of a reader. */
function bounded(...[limits, hooks]: ConstructorParameters<typeof Connections>) {
  const connections = new Connections(limits, hooks);
  const answer: RequestListener = (request, response) => {
    if (request.url?.startsWith("/key")) connections.showedKey(request.socket);
    if (request.url === "/key-wait") {
      response.write("begun");
      return;
    }
    if (request.url === "/read") connections.showedReadersKey(request.socket);
    response.end("hello");
  };
  return listening(answer, { connections });
}

/** A connection that has sent half of a head, and whether it is still there. */
async function hanging(port: number) {
  const { socket } = await dial(port, "GET / HTTP/1.1\r\n");
  return { isOpen: () => !socket.closed };
}

/** A box whose first request is answered. */
async function answered(port: number) {
  const box = await dial(port, headOf("GET", "/key"));
  await expect.poll(box.received).toContain("hello");
  return box;
}

const howMany = (of: readonly { isOpen(): boolean }[]) => of.filter(({ isOpen }) => isOpen()).length;

describe("Connections without a key", () => {
  it("are limited per address: the oldest is closed, and the new one answered", async () => {
    const { port } = await bounded({ withoutKey: 20 });
    const hung: Awaited<ReturnType<typeof hanging>>[] = [];
    for (let n = 0; n < 100; n++) hung.push(await hanging(port));
    const { received } = await dial(port, headOf("GET", "/"));
    await expect.poll(received).toMatch(/^HTTP\/1.1 200 /);
    await expect.poll(() => howMany(hung)).toBe(19);
    expect(howMany(hung.slice(81))).toBe(19);
  });

  it("make room for those with one, which stay", async () => {
    const { port } = await bounded({ withoutKey: 5 });
    const box = await dial(port, headOf("GET", "/key"));
    await expect.poll(box.received).toContain("hello");
    for (let n = 0; n < 30; n++) await hanging(port);
    box.socket.write(headOf("GET", "/"));
    await expect.poll(() => box.received().match(/hello/g)).toHaveLength(2);
  });

  it("are not counted for the address of a trusted proxy", async () => {
    const { port } = await bounded({ withoutKey: 5 }, { isShared: (address) => address === "127.0.0.1" });
    const hung: Awaited<ReturnType<typeof hanging>>[] = [];
    for (let n = 0; n < 30; n++) hung.push(await hanging(port));
    const { received } = await dial(port, headOf("GET", "/"));
    await expect.poll(received).toContain("hello");
    expect(howMany(hung)).toBe(30);
  });
});

describe("All connections", () => {
  it("are limited: the oldest without a key is closed", async () => {
    const { port } = await bounded({ total: 20 });
    const hung: Awaited<ReturnType<typeof hanging>>[] = [];
    for (let n = 0; n < 60; n++) hung.push(await hanging(port));
    const { received } = await dial(port, headOf("GET", "/key"));
    await expect.poll(received).toContain("hello");
    await expect.poll(() => howMany(hung)).toBe(19);
  });

  it("are logged once a minute if closed for being too many, with advice", async () => {
    const lines: [string, unknown][] = [];
    const warn = (message: string, facts?: unknown) => void lines.push([message, facts]);
    let now = 0;
    const onTooMany = closedConnectionsLog({ log: { info() {}, warn, error() {} }, clock: () => now });
    const { port } = await bounded({ total: 2 }, { onTooMany });
    const facts = (closed: number) => [
      expect.stringContaining("too many connections"),
      { limit: 2, closed, todo: expect.stringContaining("raise the limit of open files") },
    ];
    for (let n = 0; n < 5; n++) await hanging(port);
    await expect.poll(() => lines).toEqual([facts(1)]);
    now = -8 * 3_600_000;
    await hanging(port);
    await expect.poll(() => lines).toEqual([facts(1), facts(3)]);
  });

  it("are bounded: the longest idle one is closed, and the new one is answered", async () => {
    const { port } = await bounded({ total: 3 });
    const boxes: Awaited<ReturnType<typeof answered>>[] = [];
    for (let n = 0; n < 3; n++) boxes.push(await answered(port));
    boxes[0]?.socket.write(headOf("GET", "/key"));
    await expect.poll(() => boxes[0]?.received().match(/hello/g)).toHaveLength(2);
    await answered(port);
    await expect.poll(() => boxes.map(({ socket }) => socket.closed)).toEqual([false, true, false]);
  });

  it("are limited: the new one is closed if all others await an answer", async () => {
    const { port } = await bounded({ total: 3 });
    const boxes: Awaited<ReturnType<typeof answered>>[] = [];
    for (let n = 0; n < 3; n++) {
      const box = await answered(port);
      box.socket.write(headOf("GET", "/key-wait"));
      await expect.poll(box.received).toContain("begun");
      boxes.push(box);
    }
    await (await dial(port, headOf("GET", "/key"))).closed;
    expect(boxes.map(({ socket }) => socket.closed)).toEqual([false, false, false]);
  });

  it("leave a third to readers if too many: the oldest reader is closed", async () => {
    const { port } = await bounded({ total: 9 });
    const open = async (path: string) => {
      const dialled = await dial(port, headOf("GET", path));
      await expect.poll(dialled.received).toContain("hello");
      return dialled.socket;
    };
    const boxes = [await open("/key"), await open("/read")];
    // What a box and a reader share, as over a proxy, is the box's.
    boxes[1]?.write(headOf("GET", "/key"));
    const readers: Awaited<ReturnType<typeof open>>[] = [];
    for (let n = 0; n < 7; n++) readers.push(await open("/read"));
    for (let n = 0; n < 4; n++) boxes.push(await open("/key"));
    await expect.poll(() => readers.map(({ closed }) => closed)).toEqual([true, true, true, true, false, false, false]);
    // Readers have their third, and no more: now the connection goes that has been idle for longest.
    await dial(port, "GET / HTTP/1.1\r\n");
    await expect.poll(() => [...boxes, ...readers.slice(4)].filter(({ closed }) => closed)).toEqual([boxes[0]]);
  });

  it("count no more when they are closed", async () => {
    const { port } = await bounded({ total: 3 });
    for (let n = 0; n < 10; n++) {
      const { received, closed } = await dial(port, headOf("GET", "/key", "Connection: close"));
      await closed;
      expect(received()).toContain("hello");
    }
  });
});

it("a head that does not come within its time is the end of its connection", async () => {
  const { port } = await listening((_, response) => void response.end("hello"), { headersTimeout: 200 });
  const { socket, received, closed } = await dial(port, "GET / HTTP/1.1\r\n");
  const drip = setInterval(() => socket.write("X-Drip: 1\r\n"), 50);
  await closed;
  clearInterval(drip);
  expect(received()).toMatch(/^(HTTP\/1.1 408 |$)/);
});
