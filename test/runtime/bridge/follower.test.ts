import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { picturesOf, type Version } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { listen } from "../../standins/listen.ts";
import { album, atEnd, type Heard, ManualClock, receiver, until } from "../../unit/simulator/support.ts";
import { running, se5Of, spoolIn } from "./support.ts";

const numberOf = ({ body }: Heard) => {
  const event = JSON.parse(body);
  return Number(String(event.event_id ?? event._id).slice(-3));
};

describe.each(["V5R6", "V6"] as const)("An SE5 of %s", (version: Version) => {
  it("is configured with its devices, and every push is forwarded unchanged", async () => {
    const cloud = await receiver();
    const { se5, site, address } = await se5Of("lobby", { version });
    await running({ cloud: cloud.url, boxes: { lobby: address } });
    await until(() => se5.live.listeners === 1);
    const passing = site.next();
    se5.passes(passing);
    await until(() => cloud.heard.length === 1);
    expect(cloud.heard[0]?.path).toMatch(/\/LiveEvent$/);
    expect(cloud.heard[0]?.body).toContain(picturesOf(passing, album).face?.toString("base64"));
  });

  it("is asked only for events that it saw without a listener", async () => {
    const cloud = await receiver();
    const { se5, site, address } = await se5Of("lobby", { version });
    const first = await running({ cloud: cloud.url, boxes: { lobby: address } });
    await until(() => se5.live.listeners === 1);
    for (let count = 0; count < 4; count++) se5.passes(site.next());
    await until(() => cloud.heard.length === 4);
    // What the cloud has answered and the bridge has not read goes once more.
    await until(() => first.status().boxes.every(({ waiting }) => waiting === 0));
    await first.stop();
    for (let count = 0; count < 3; count++) se5.passes(site.next());
    await running({ cloud: cloud.url, boxes: { lobby: address }, folder: first.folder });
    await until(() => cloud.heard.length === 7);
    expect(cloud.heard.map(numberOf).sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(cloud.heard.slice(4).map(({ path }) => path.split("/").at(-1)))).toEqual(new Set(["StoredEvent"]));
    const stored = JSON.parse(cloud.heard.at(-1)?.body ?? "");
    expect(stored).toHaveProperty(version === "V6" ? "spot_image" : "spot_pic");
  });
});

it("events of an interruption are fetched from memory, each once", async () => {
  const cloud = await receiver();
  const { se5, site, address } = await se5Of("lobby");
  await running({ cloud: cloud.url, boxes: { lobby: address } });
  await until(() => se5.live.listeners === 1);
  for (let round = 0; round < 4; round++) {
    se5.passes(site.next());
    se5.live.cut();
    se5.passes(site.next());
    await until(() => se5.live.listeners === 1);
  }
  await until(() => cloud.heard.length >= 8);
  expect(cloud.heard.map(numberOf).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it("events of an interruption are fetched even if all earlier ones are known", async () => {
  const cloud = await receiver();
  const { se5, site, address } = await se5Of("lobby");
  const { folder } = await running({ cloud: cloud.url, boxes: { lobby: address } });
  await until(() => se5.live.listeners === 1);
  const before = resumeMarkIn(folder);
  se5.passes(site.next());
  await until(() => resumeMarkIn(folder) !== before);
  se5.live.cut();
  se5.passes(site.next());
  await until(() => cloud.heard.length >= 2);
  expect(cloud.heard.map(numberOf).sort()).toEqual([0, 1]);
});

/** Up to when everything was taken, as it is on the disk. */
function resumeMarkIn(folder: string): unknown {
  using database = new DatabaseSync(join(folder, "spool.db"), { readOnly: true });
  return database.prepare("SELECT at FROM marks WHERE box = 'lobby'").get()?.["at"];
}

it("a box without a readable memory is asked once, then followed by its pushes", async () => {
  const cloud = await receiver();
  const { se5, site, address } = await se5Of("lobby");
  let asked = 0;
  const old = await listen(async ({ url = "" }, response) => {
    if (url.startsWith("/SophonFace/api/events")) {
      asked += 1;
      return void response.writeHead(404).end();
    }
    response.end(await (await fetch(`http://127.0.0.1:${se5.apiPort}${url}`)).text());
  });
  atEnd(old.close);
  const through = address.replace(/api_port: \d+/, `api_port: ${new URL(old.url).port}`);
  const { folder } = await running({ cloud: cloud.url, boxes: { lobby: through } });
  const spool = await spoolIn(folder);
  await until(() => se5.live.listeners === 1);
  const pushed = new Set<number | null>();
  await until(() => {
    const passing = site.next();
    pushed.add(passing.at);
    se5.passes(passing);
    return pushed.has(spool.seenEvents.resumeMark("lobby"));
  });
  expect(asked).toBe(1);
});

it("events of a device that was installed later are received, too", async () => {
  const cloud = await receiver();
  const { se5, site, address } = await se5Of("lobby");
  await running({ cloud: cloud.url, boxes: { lobby: address } }, { lookEvery: 50 });
  await until(() => se5.live.listeners === 1);
  const device = { ...site.devices[0], id: "new-camera" };
  se5.install(device);
  await until(() => {
    se5.passes({ ...site.next(), device });
    return cloud.heard.some(({ body, path }) => path.endsWith("/LiveEvent") && body.includes("new-camera"));
  });
});

it("a peer that does not answer any more is left, and taken again", async () => {
  const cloud = await receiver();
  const { se5, address } = await se5Of("lobby");
  const state = { isDead: false };
  const sockets = { opened: 0 };
  const proxy = createTcpServer((from) => {
    sockets.opened += 1;
    const to = connect(se5.live.port, "127.0.0.1");
    for (const socket of [from, to]) socket.on("error", () => {});
    from.on("data", (data) => state.isDead || to.write(data));
    to.on("data", (data) => state.isDead || from.write(data));
    from.on("close", () => to.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  atEnd(() => proxy.close());
  const { port } = proxy.address() as { port: number };
  const clock = new ManualClock(Date.now());
  const through = address.replace(/live_port: \d+/, `live_port: ${port}`);
  const bridge = await running({ cloud: cloud.url, boxes: { lobby: through } }, { clock });
  await until(() => bridge.status().boxes[0]?.connected === true);
  state.isDead = true;
  await until(() => {
    clock.move(1000);
    return bridge.status().boxes[0]?.connected === false;
  });
  expect(bridge.status().boxes[0]?.lastError).toContain("does not answer");
  state.isDead = false;
  await until(() => {
    clock.move(1000);
    return bridge.status().boxes[0]?.connected === true;
  });
  expect(sockets.opened).toBe(2);
});

/** A box whose API answers what it is told to, and whose WebSocket sends what it is told to. */
async function strangeBox(answer: string, messages: readonly (string | Buffer)[] = []) {
  const api = createServer((_, response) => response.end(answer));
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const live = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(live, "listening");
  live.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", () => {
      for (const message of messages) socket.send(message);
    });
  });
  atEnd(async () => {
    for (const socket of live.clients) socket.terminate();
    live.close();
    api.closeAllConnections();
    api.close();
  });
  const port = (server: { address(): unknown }) => (server.address() as { port: number }).port;
  return `host: 127.0.0.1, live_port: ${port(live)}, api_port: ${port(api)}`;
}

describe("A box that answers strangely", () => {
  it.each([
    ["no JSON", "<html>"],
    ["nothing", ""],
    ["something else", '{"data":{"devices_list":"none"}}'],
    ["ids that are none", '{"data":{"devices_list":[{"device_id":{}}]}}'],
    ["nesting without end", "[".repeat(100_000)],
  ])("is reported, is not followed and disturbs no other box: %s", async (_, answer) => {
    const cloud = await receiver();
    const good = await se5Of("lobby");
    const bad = await strangeBox(answer);
    const bridge = await running({ cloud: cloud.url, boxes: { strange: bad, lobby: good.address } });
    await until(() => good.se5.live.listeners === 1);
    await until(() => bridge.status().boxes[0]?.lastError !== null);
    expect(bridge.status().boxes[0]).toMatchObject({
      connected: false,
      lastError: expect.stringContaining("the box answers"),
    });
    good.se5.passes(good.site.next());
    await until(() => cloud.heard.length === 1);
  });

  it("has its invalid messages forwarded unchanged, for the cloud to keep", async () => {
    const cloud = await receiver();
    const messages = ["no JSON", "[]", '{"timestamp":"x"}', Buffer.from([0xff, 0xfe]), '{"timestamp":1e300}', "null"];
    const address = await strangeBox('{"data":{"devices_list":[]}}', messages);
    await running({ cloud: cloud.url, boxes: { strange: address } });
    await until(() => cloud.heard.length >= messages.length);
    expect(cloud.heard.slice(0, 6).map(({ body }) => body)).toEqual(messages.map(String));
  });

  it("has a message of many MB forwarded whole", async () => {
    const cloud = await receiver();
    const large = JSON.stringify({ timestamp: Date.now(), picture: "x".repeat(12 * 1024 * 1024) });
    const address = await strangeBox('{"data":{"devices_list":[]}}', [large]);
    await running({ cloud: cloud.url, boxes: { strange: address }, inCloud: "  max_body: 64mb" });
    await until(() => cloud.heard.length >= 1);
    expect(cloud.heard[0]?.body === large).toBe(true);
  });
});
