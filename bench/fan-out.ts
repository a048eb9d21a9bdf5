import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { smallReport } from "./body.ts";
import { deliver, type GatepostPeer, type Peer, pathOf, start, startGatepost } from "./peer.ts";
import { spread } from "./ratio.ts";

const readers = 100;
const events = 400;
const rounds = 5;

/** Connects readers of the live feed. */
export async function connectReaders({ origin, adminToken }: GatepostPeer, count: number): Promise<WebSocket[]> {
  return await Promise.all(Array.from({ length: count }, () => connectReader(origin, adminToken)));
}

async function connectReader(origin: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/live?token=${token}`, { perMessageDeflate: false });
  await once(socket, "open");
  socket.send(JSON.stringify({ event_list: ["*"] }));
  return socket;
}

/** Resolves once all of them together have got so many messages; the last one is returned. */
function received(sockets: readonly WebSocket[], count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let left = count;
    for (const socket of sockets) {
      const hear = (data: Buffer) => {
        left -= 1;
        if (left === 0) {
          for (const one of sockets) one.removeAllListeners("message");
          resolve(data);
        }
      };
      socket.on("message", hear);
    }
  });
}

/**
 * CPU of the live feed for an event and reader ÷ the CPU of `ws` that sends the same bytes; storing the event included.
 */
export async function liveFanOut(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const server = await startGatepost(data);
  const echo = await start(process.execPath, [pathOf("peers/echo.ts")]);
  const live = await connectReaders(server, readers);
  const echoed = await Promise.all(Array.from({ length: readers + 1 }, () => connected(echo)));
  const [sender, ...listening] = echoed;
  if (sender === undefined) throw new Error("nobody sends");
  try {
    const [rates, cpus]: [number[], number[]] = [[], []];
    let message: Buffer = Buffer.alloc(0);
    for (let round = -1; round < rounds; round++) {
      const ours = await timed(server, async () => {
        const all = received(live, events * readers);
        await deliver(server, { make: smallReport, count: events, connections: 64 });
        message = await all;
      });
      const theirs = await timed(echo, async () => {
        const all = received(listening, events * readers);
        for (let n = 0; n < events; n++) sender.send(message);
        await all;
      });
      if (round < 0) continue;
      rates.push(theirs.ms / ours.ms);
      cpus.push(ours.cpu / theirs.cpu);
    }
    return (
      `live feed, ${readers} readers, ${message.length} bytes a message, ÷ ws that sends the same: ` +
      `events × readers a second ${spread(rates)}, CPU ${spread(cpus)}`
    );
  } finally {
    for (const socket of [...live, ...echoed]) socket.terminate();
    for (const peer of [server, echo]) await peer.end();
    await rm(data, { recursive: true });
  }
}

async function connected(peer: Peer): Promise<WebSocket> {
  const socket = new WebSocket(peer.url.replace("http", "ws"), { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

async function timed(peer: Peer, work: () => Promise<void>): Promise<{ ms: number; cpu: number }> {
  const [cpu, began] = [peer.cpu, performance.now()];
  await work();
  return { ms: performance.now() - began, cpu: peer.cpu - cpu };
}

if (import.meta.main) process.stdout.write(`${await liveFanOut()}\n`);
