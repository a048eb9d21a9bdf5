import { client, cursorsInMemory, type FollowLive, followLive, type LiveEvent } from "@gatepost/client";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { TestSocket } from "./socket.ts";

let sockets: TestSocket[];
let ticket: () => Response;
let gaps: number;

beforeEach(() => {
  [sockets, gaps] = [[], 0];
  ticket = () => Response.json({ ticket: "gpt_1", expires: "" }, { status: 201 });
});

function follow(options: Partial<FollowLive> = {}, server = "") {
  const gatepost = client({ url: server, token: "gpr_test", fetch: async () => ticket() });
  return followLive(gatepost, {
    url: "ws://gatepost.example/live",
    gap: () => {
      gaps += 1;
    },
    world: {
      open(url) {
        const socket = new TestSocket(url);
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      now: () => 0,
      random: () => 0,
      onOnline: () => () => {},
    },
    ...options,
  });
}

async function opened(at: number): Promise<TestSocket> {
  const socket = await expect
    .poll(() => sockets[at])
    .toBeDefined()
    .then(() => sockets[at]);
  socket?.open();
  return socket ?? expect.fail("no socket");
}

const idOf = ({ value }: IteratorResult<LiveEvent, void>) => value?.event.id;

it("the feed begins after the last handled event", async () => {
  const cursors = cursorsInMemory();
  const events = follow({ cursors, boxes: ["gate-1"] });
  const first = events.next();
  const socket = await opened(0);
  socket.says({ event: { id: "evt_1" }, isUpdate: false });
  socket.says({ event: { id: "evt_0" }, isUpdate: true });
  expect(idOf(await first)).toBe("evt_1");
  expect(await cursors.read()).toBeNull();
  expect(idOf(await events.next())).toBe("evt_0");
  expect(await cursors.read()).toBe("evt_1");
  const ended = events.return();
  await ended;
  expect(socket.readyState).toBe(3);
  const again = follow({ cursors }).next();
  const other = await opened(1);
  expect(other.sent[0]).toMatchObject({ since: "evt_1" });
  other.says({ event: { id: "evt_2" } });
  expect(idOf(await again)).toBe("evt_2");
});

it("continues at the cursor of the last event, even if that event is an update", async () => {
  const cursors = cursorsInMemory();
  const events = follow({ cursors });
  const first = events.next();
  const socket = await opened(0);
  socket.says({ event: { id: "evt_1" }, isUpdate: false, cursor: "at 1" });
  socket.says({ event: { id: "evt_0" }, isUpdate: true, cursor: "at 2" });
  socket.says({ caughtUp: true, cursor: "at 3" });
  socket.close(1006);
  expect([(await first).value, (await events.next()).value]).toMatchObject([{ cursor: "at 1" }, { cursor: "at 2" }]);
  const third = events.next();
  expect((await opened(1)).sent[0]).toMatchObject({ since: "at 3" });
  expect(await cursors.read()).toBe("at 2");
  sockets[1]?.says({ event: { id: "evt_2" } });
  expect(idOf(await third)).toBe("evt_2");
});

it("a connection faster than its reader is given up, and resumed at that place", async () => {
  const events = follow();
  const first = events.next();
  const socket = await opened(0);
  for (let at = 1; at <= 600; at++) socket.says({ event: { id: `evt_${at}` } });
  expect(socket.readyState).toBe(3);
  expect(idOf(await first)).toBe("evt_1");
  for (let at = 2; at <= 500; at++) expect(idOf(await events.next())).toBe(`evt_${at}`);
  const next = events.next();
  const other = await opened(1);
  expect(other.sent[0]).toMatchObject({ since: "evt_500" });
  other.says({ event: { id: "evt_501" } });
  expect(idOf(await next)).toBe("evt_501");
});

it("erasures follow the events before them, and include the caller's missing ids", async () => {
  const told: string[] = [];
  ticket = () => Response.json({ ticket: "gpt_1", missing: ["evt_0"] }, { status: 201 });
  const events = follow({ erased: (ids) => void told.push(...ids), holds: () => ["evt_0", "evt_1"] });
  const first = events.next();
  const socket = await opened(0);
  socket.says({ event: { id: "evt_1" } });
  socket.says({ erased: ["evt_1"] });
  socket.says({ event: { id: "evt_2" } });
  expect([idOf(await first), told]).toEqual(["evt_1", []]);
  expect([idOf(await events.next()), told]).toEqual(["evt_2", ["evt_1"]]);
  const third = events.next();
  socket.says({ caughtUp: true });
  await expect.poll(() => told).toEqual(["evt_1", "evt_0"]);
  socket.says({ event: { id: "evt_3" } });
  expect(idOf(await third)).toBe("evt_3");
});

it("a gap is reported, and the feed continues", async () => {
  const cursors = cursorsInMemory();
  await cursors.write("evt_erased");
  const next = follow({ cursors }).next();
  const socket = await opened(0);
  socket.says({ error: { status: 400, message: "since: there is no such event" } });
  expect(gaps).toBe(1);
  socket.says({ event: { id: "evt_9" } });
  expect(idOf(await next)).toBe("evt_9");
});

it("a revoked key and a wrong filter throw; an abort ends the feed", async () => {
  ticket = () => Response.json({ detail: "this key was revoked", code: "revoked" }, { status: 401 });
  await expect(follow().next()).rejects.toMatchObject({ status: 401, code: "revoked" });
  ticket = () => Response.json({ ticket: "gpt_1", expires: "" }, { status: 201 });
  const misspelt = follow().next();
  (await opened(0)).says({ error: { status: 400, message: "types.0: must be one of vip" } });
  await expect(misspelt).rejects.toMatchObject({ status: 400, message: "types.0: must be one of vip" });
  sockets = [];
  const revokedLater = follow().next();
  (await opened(0)).close(1008);
  await expect(revokedLater).rejects.toMatchObject({ code: "revoked" });
  const ending = new AbortController();
  const last = follow({ signal: ending.signal }).next();
  await opened(1);
  ending.abort();
  expect((await last).done).toBe(true);
});

it("the server gives the feed's address: its own path, or another host", async () => {
  void follow({ url: "/live" }, "https://gatepost.example/").next();
  void follow({ url: "/live" }, "http://127.0.0.1:9528").next();
  void follow({ url: "wss://live.example/live" }, "https://gatepost.example").next();
  await expect.poll(() => sockets.length).toBe(3);
  expect(sockets.map(({ url }) => url)).toEqual([
    "wss://gatepost.example/live?token=gpt_1",
    "ws://127.0.0.1:9528/live?token=gpt_1",
    "wss://live.example/live?token=gpt_1",
  ]);
});

it("a path in a page belongs to the page's server", async () => {
  vi.stubGlobal("location", new URL("https://page.example/#/live"));
  onTestFinished(() => void vi.unstubAllGlobals());
  void follow({ url: "/live" }).next();
  expect((await opened(0)).url).toBe("wss://page.example/live?token=gpt_1");
});

it("an impossible connection throws, and is not tried for ever", async () => {
  await expect(follow({ url: "/live" }).next()).rejects.toThrow(TypeError);
  vi.stubGlobal("WebSocket", undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const events = followLive(client({ token: "gpr_test" }), { url: "ws://gatepost.example/live" });
  await expect(events.next()).rejects.toThrow("Node has one from version 22 on");
});
