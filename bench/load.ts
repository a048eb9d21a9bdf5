import { existsSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bigReport, freshBodies } from "./body.ts";
import { growing, notPrepared } from "./million.ts";
import { deliver, type GatepostPeer, type Peer, pathOf, post, start, startGatepost } from "./peer.ts";

const readers = 20;
const seconds = 20;
const syncs = 60;

/**
 * How long an acknowledgement takes at half of the highest rate, with 10^6 events, readers of the feed of changes and a
 * reader who pages through pictures; and the longest time for which the event loop is blocked meanwhile. In ms, and ÷
 * an append of as many bytes and its sync.
 */
export async function underLoad(): Promise<string> {
  if (!existsSync(growing)) return notPrepared;
  const server = await startGatepost(growing, { isWatched: true });
  const watching: Peer[] = [server];
  try {
    watching.push(await watch(server, "readers", readers));
    await deliver(server, { make: bigReport, count: 200, connections: 16 });
    const { rate } = await deliver(server, { make: bigReport, count: 300, connections: 16 });
    watching.push(await watch(server, "pager", 1));
    await server.stall();
    const { took, late } = await sendAt(server, rate / 2);
    const { still, busy } = await server.stall();
    const disk = await appendAndSync();
    const p99 = quantile(took, 0.99);
    return (
      `acknowledgement at ${(rate / 2).toFixed(0)}/s (half of the highest rate), 10^6 events, ${readers} readers, ` +
      `somebody pages: p50 ${quantile(took, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (sent ${quantile(late, 0.99).toFixed(1)} ms late); ` +
      `the event loop stood still for ${still.toFixed(1)} ms at most, and used ${busy.toFixed(1)} ms of CPU in one turn; ` +
      `÷ p99 of an append and sync (${disk.toFixed(1)} ms): ${(p99 / disk).toFixed(1)} and ${(still / disk).toFixed(1)}`
    );
  } finally {
    for (const peer of watching.reverse()) await peer.end();
  }
}

function watch({ origin, adminToken }: GatepostPeer, who: "readers" | "pager", count: number): Promise<Peer> {
  return start(process.execPath, [pathOf("peers/watchers.ts"), origin, adminToken, who, `${count}`]);
}

/**
 * Sends at a steady rate, whether or not earlier reports were acknowledged; ms of each, from when it was due, and how late
 * it was sent. Its bodies cost next to nothing, as those by which the highest rate was measured: they were made before.
 */
async function sendAt(server: GatepostPeer, rate: number): Promise<{ took: number[]; late: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const bodies = freshBodies();
  // The first one makes what all share, which takes as long as a box has patience.
  bodies.next();
  const [took, late]: [number[], number[]] = [[], []];
  const sent: Promise<void>[] = [];
  const began = performance.now();
  for (let number = 0; number < rate * seconds; number++) {
    const body = bodies.next().value;
    const due = began + (number * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    late.push(performance.now() - due);
    sent.push(post(server.url, body, agent).then(() => void took.push(performance.now() - due)));
  }
  await Promise.all(sent);
  agent.destroy();
  return { took, late };
}

/** The p99 of appending the bytes of a report to a file and syncing it, ms. */
async function appendAndSync(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const took: number[] = [];
  const bytes = Buffer.from(bigReport(0));
  await using file = await open(join(folder, "appended"), "a");
  for (let number = 0; number < syncs; number++) {
    const began = performance.now();
    await file.write(bytes);
    await file.datasync();
    took.push(performance.now() - began);
  }
  await rm(folder, { recursive: true });
  return quantile(took, 0.99);
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
}

if (import.meta.main) process.stdout.write(`${await underLoad()}\n`);
