import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { bigReport } from "./body.ts";
import { spread } from "./ratio.ts";

const withToken = z.object({ token: z.string() });

const rounds = 5;
const reportsARound = 150;
const connections = 16;

/** Durable reports a second ÷ those of a bare receiver that only parses, in turns. */
export async function durableOverBare(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const gatepost = await start("../packages/cli/src/bin.mjs", [
    "serve",
    "--port",
    "0",
    "--host",
    "127.0.0.1",
    "--data",
    data,
  ]);
  const bare = await start("./bare-receiver.ts", []);
  try {
    const url = `${gatepost.url}/${await createKey(gatepost.url, data)}/HistoryEvent`;
    let next = 0;
    const bodies = () => Array.from({ length: reportsARound }, () => bigReport(next++));
    await rate(url, bodies());
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++)
      ratios.push((await rate(url, bodies())) / (await rate(bare.url, bodies())));
    return `durable reports/s ÷ bare receiver that only parses (480 KB, ${connections} connections): ${spread(ratios)}`;
  } finally {
    for (const { child } of [gatepost, bare]) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await rm(data, { recursive: true });
  }
}

async function start(script: string, args: string[]): Promise<{ url: string; child: ChildProcess }> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`${script} ended before it listened`);
}

async function createKey(url: string, data: string): Promise<string> {
  const { token } = withToken.parse(JSON.parse(await readFile(join(data, "server.json"), "utf8")));
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ scope: "ingest", box: "gate-1" });
  return withToken.parse(await (await fetch(`${url}/v1/keys`, { method: "POST", headers, body })).json()).token;
}

/** Posts all bodies over some connections; returns reports a second. */
async function rate(url: string, bodies: string[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const began = performance.now();
  const count = bodies.length;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await post(url, body, agent);
    }),
  );
  agent.destroy();
  return count / (performance.now() - began);
}

function post(url: string, body: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const posted = request(url, { method: "POST", agent }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`answered ${response.statusCode}`));
      });
    });
    posted.on("error", reject).end(body);
  });
}
