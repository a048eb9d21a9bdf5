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
const fewEvents = isLong ? 100_000 : 10_000;
const atOnce = 2000;

const job = z.object({ id: z.string(), state: z.string(), result: z.object({ url: z.string() }).nullable() });

/** Most bytes of a process that were in memory at once (Linux). */
function maxResident(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Has events exported, and reads the file. */
async function exported(client: Client, filter: { from?: string }): Promise<{ bytes: number; lines: number }> {
  const asked = job.parse(await (await client.post("/v1/jobs", { kind: "export", format: "ndjson", filter })).json());
  const read = async () => job.parse(await (await client.get(`/v1/jobs/${asked.id}`)).json());
  await expect.poll(async () => (await read()).state, { timeout: 1_700_000 }).toBe("done");
  const answer = await client.get((await read()).result?.url ?? "");
  const file = { bytes: 0, lines: 0 };
  for await (const chunk of answer.body ?? []) {
    file.bytes += chunk.length;
    for (const byte of chunk) if (byte === 0x0a) file.lines += 1;
  }
  return file;
}

it.skipIf(process.platform !== "linux")(
  `an export of ${count} events takes hardly more memory than one of ${fewEvents}`,
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
    // Memory that the first export of a process takes: its thread, compiled code, garbage that need not be collected
    // yet.
    const few = await exported(client, { from: new Date(now - fewEvents + 1).toISOString() });
    expect(few.lines).toBe(fewEvents);
    const before = maxResident(server.child.pid);
    const { bytes, lines } = await exported(client, {});
    expect(lines).toBe(count);
    const taken = maxResident(server.child.pid) - before;
    const megabytes = (size: number) => Math.round(size / 1e6);
    process.stdout.write(
      `export: ${count} events, ${megabytes(bytes)} MB, took ${megabytes(taken)} MB more than ${fewEvents}\n`,
    );
    expect(taken).toBeLessThan(150e6);
  },
);
