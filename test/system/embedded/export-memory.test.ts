import { readFileSync } from "node:fs";
import { openRuntime } from "@gatepost/embedded";
import { expect, it } from "vitest";
import * as z from "zod";
import { report, upsert } from "../../contract/samples.ts";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Client } from "../../support/client.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { isLong } from "../../support/seeded.ts";

const { closers } = openedByTests();
const count = isLong ? 1_000_000 : 30_000;
const atOnce = 2000;

const job = z.object({ id: z.string(), state: z.string(), result: z.object({ url: z.string() }).nullable() });

/** Bytes of a process that are in memory, now or when it had most of them (Linux). */
function resident(pid: number | undefined, what: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
}

it.skipIf(process.platform !== "linux")(
  `an export of ${count} events takes no more memory than some pages of them`,
  { timeout: 1_800_000 },
  async () => {
    const folder = await temporaryFolder();
    closers.push(folder.remove);
    const now = Date.now();
    const runtime = await openRuntime({ data: folder.path, log: { info() {}, warn() {}, error() {} } });
    for (let from = 0; from < count; from += atOnce) {
      const some = Array.from({ length: atOnce }, (_, n) => from + n);
      const facts = (n: number) => ({ report: report({ time: now - n, receivedAt: now }), now, expiresAt: now + 1e9 });
      await Promise.all(some.map((n) => runtime.ingest.index.upsert(upsert(`${n}`, facts(n)))));
    }
    // Twice, so that all is noted and the server need not look through these events for signs of boxes.
    await runtime.boxes.look();
    await runtime.boxes.look();
    await runtime.close();
    const server = await startGatepost(folder.path);
    closers.push(() => server.stop());
    const client = new Client(server);
    await client.get("/v1/events?limit=500");
    const idle = resident(server.child.pid, "VmRSS");
    const asked = job.parse(await (await client.post("/v1/jobs", { kind: "export", format: "ndjson" })).json());
    const read = async () => job.parse(await (await client.get(`/v1/jobs/${asked.id}`)).json());
    await expect.poll(async () => (await read()).state, { timeout: 1_700_000 }).toBe("done");
    const answer = await client.get((await read()).result?.url ?? "");
    let bytes = 0;
    let lines = 0;
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 0x0a) lines += 1;
    }
    expect(lines).toBe(count);
    const taken = resident(server.child.pid, "VmHWM") - idle;
    const megabytes = (size: number) => Math.round(size / 1e6);
    process.stdout.write(`export: ${count} events, ${megabytes(bytes)} MB, took ${megabytes(taken)} MB of memory\n`);
    expect(taken).toBeLessThan(150e6);
  },
);
