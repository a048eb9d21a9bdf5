import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, type Runtime, type Served, serve } from "@gatepost/embedded";
import { quiet } from "./log.ts";
import { spread } from "./ratio.ts";

const undelivered = 10_000;
/** Many short ones in turns: both sides meet the same noise of the machine. */
const rounds = 60;
const reportsARound = 100;
const connections = 16;

interface Post {
  url: string;
  runtime: Runtime;
  close(): Promise<void>;
}

/** Durable reports a second of a server with many undelivered events of a dead subscriber ÷ of a server without. */
export async function withUndelivered(): Promise<string> {
  const subscriber = createServer((_, response) => response.writeHead(503).end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => subscriber.once("listening", resolve));
  const [loaded, free] = [await openPost(subscriber), await openPost(subscriber)];
  try {
    await send(loaded, { count: undelivered, every: 1 });
    const ends = [loaded, free].map(({ runtime }) => runtime.upkeep());
    await send(free, { count: reportsARound, every: 10 });
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) ratios.push(await ratio(loaded, free, round));
    for (const end of ends) await end();
    return `durable reports/s with ${undelivered} undelivered entries ÷ without (a tenth want 1002): ${spread(ratios)}`;
  } finally {
    for (const post of [loaded, free]) await post.close();
    subscriber.close();
  }
}

async function openPost(subscriber: Server): Promise<Post> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const { port } = subscriber.address() as AddressInfo;
  const target = { url: `http://127.0.0.1:${port}`, allowPrivate: true };
  const rules = [{ name: "dead", pattern: { detail: { want_action: ["1002"] } }, target }];
  await writeFile(join(data, "rules.json"), JSON.stringify(rules));
  const runtime = await openRuntime({ data, log: quiet });
  const token = newToken("ingest");
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const served: Served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  return {
    url: `http://127.0.0.1:${served.port}/${token}/HistoryEvent`,
    runtime,
    async close() {
      await served.close();
      await runtime.close();
      await rm(data, { recursive: true });
    },
  };
}

let next = 0;

/** Every so many reports want something done. */
function report(every: number): string {
  const number = next++;
  const time = Date.UTC(2026, 0, 1) + number * 1000;
  const wantAction = number % every === 0 ? "1002" : "0";
  return JSON.stringify({
    identity_id: "7",
    timestamp: time,
    want_action: wantAction,
    ext_data: { device_ip: "192.168.1.25" },
  });
}

async function send({ url }: Post, { count, every }: { count: number; every: number }): Promise<void> {
  const bodies = Array.from({ length: count }, () => report(every));
  const sendAll = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      const answer = await fetch(url, { method: "POST", body });
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: connections }, sendAll));
}

/** Who goes first changes, so that neither always finds the disk busy with the other's leftovers. */
async function ratio(loaded: Post, free: Post, round: number): Promise<number> {
  const rates = new Map<Post, number>();
  for (const post of round % 2 === 0 ? [loaded, free] : [free, loaded]) rates.set(post, await rate(post));
  return (rates.get(loaded) ?? Number.NaN) / (rates.get(free) ?? Number.NaN);
}

async function rate(post: Post): Promise<number> {
  const began = performance.now();
  await send(post, { count: reportsARound, every: 10 });
  return reportsARound / (performance.now() - began);
}

if (import.meta.main) process.stdout.write(`${await withUndelivered()}\n`);
