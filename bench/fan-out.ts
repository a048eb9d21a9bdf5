import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallReport } from "./body.ts";
import { deliver, pathOf, start, startGatepost } from "./peer.ts";
import { spread } from "./ratio.ts";

const readers = 100;
const rounds = 5;
const load = { make: smallReport, count: 1500, connections: 64 };

/** CPU of the server a report, and durable reports a second, while readers wait for the feed of changes ÷ without readers. */
export async function feedFanOut(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const server = await startGatepost(data);
  try {
    const [rates, cpus]: [number[], number[]] = [[], []];
    for (let round = -1; round < rounds; round++) {
      const alone = await deliver(server, load);
      const watchers = [pathOf("peers/watchers.ts"), server.origin, server.adminToken, "readers", `${readers}`];
      const watching = await start(process.execPath, watchers);
      const read = await deliver(server, load);
      await watching.end();
      if (round < 0) continue;
      rates.push(read.rate / alone.rate);
      cpus.push(read.cpu / alone.cpu);
    }
    return (
      `${readers} readers that wait for the feed of changes ÷ none: ` +
      `durable reports a second ${spread(rates)}, CPU a report ${spread(cpus)}`
    );
  } finally {
    await server.end();
    await rm(data, { recursive: true });
  }
}

if (import.meta.main) process.stdout.write(`${await feedFanOut()}\n`);
