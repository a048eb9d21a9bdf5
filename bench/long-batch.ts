import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { smallReport } from "./body.ts";
import { type GatepostPeer, post, startGatepost } from "./peer.ts";
import { spread } from "./ratio.ts";

const lines = 12_000;
const rate = 40;
const seconds = 10;
const rounds = 3;

/**
 * The p99 of acknowledgements of live reports while 12,000 lines of a terminal are recorded ÷ without, and how many
 * lines are recorded a second.
 */
export async function besideLongBatch(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const server = await startGatepost(data);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  try {
    const live = () => sendLive(server, agent);
    await live();
    const [ratios, rates]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const alone = await live();
      const before = performance.now();
      await post(tableOf(server), Buffer.from(attlog(round)), agent);
      const beside: number[] = [];
      while (await isReplaying(server)) beside.push(...(await live()));
      rates.push((lines * 1000) / (performance.now() - before));
      ratios.push(p99(beside) / p99(alone));
      process.stderr.write(
        `${[p50(alone), p99(alone), p50(beside), p99(beside), Math.max(...beside)].map((ms) => ms.toFixed(1)).join(" ")} ms\n`,
      );
    }
    return `p99 of live reports at ${rate}/s beside a batch of ${lines} lines ÷ without: ${spread(ratios)}; lines/s: ${spread(rates)}`;
  } finally {
    agent.destroy();
    await server.end();
    await rm(data, { recursive: true });
  }
}

const tableOf = ({ url }: GatepostPeer) => url.replace(/HistoryEvent$/, "iclock/cdata?SN=SIM1&table=ATTLOG&Stamp=1");

function attlog(round: number): string {
  const first = Date.UTC(2025, round);
  const timeOf = (line: number) => new Date(first + line * 1000).toISOString().slice(0, 19).replace("T", " ");
  return Array.from({ length: lines }, (_, line) => `${line % 500}\t${timeOf(line)}\t0\t15\t0\t0\n`).join("");
}

async function isReplaying({ origin, adminToken }: GatepostPeer): Promise<boolean> {
  const answer = await fetch(`${origin}/v1/quarantine?limit=1`, { headers: { authorization: `Bearer ${adminToken}` } });
  const { records } = (await answer.json()) as { records: unknown[] };
  return records.length > 0;
}

let next = Date.now() - Date.UTC(2026, 0, 1);

/** ms of each acknowledgement, from when its report was due. */
async function sendLive({ url }: GatepostPeer, agent: Agent): Promise<number[]> {
  const took: number[] = [];
  const sent: Promise<void>[] = [];
  const began = performance.now();
  for (let number = 0; number < rate * seconds; number++) {
    const due = began + (number * 1000) / rate;
    await sleep(Math.max(0, due - performance.now()));
    sent.push(post(url, Buffer.from(smallReport(next++)), agent).then(() => void took.push(performance.now() - due)));
  }
  await Promise.all(sent);
  return took;
}

const quantile = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
const p99 = (values: readonly number[]) => quantile(values, 0.99);
const p50 = (values: readonly number[]) => quantile(values, 0.5);

if (import.meta.main) process.stdout.write(`${await besideLongBatch()}\n`);
