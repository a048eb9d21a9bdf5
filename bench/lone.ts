import fs from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WalFrames } from "@gatepost/sqlite";
import { bigReport, smallReport } from "./body.ts";
import { requestOf } from "./handler.ts";
import { quiet } from "./log.ts";
import { median } from "./ratio.ts";

const reports = 40;

/** From when until when each sync of the disk took. */
const syncs: { from: number; to: number }[] = [];

/** Watches the syncs of this process. To be called before anything imports what syncs. */
async function watchSyncs(): Promise<void> {
  const { fdatasync } = fs;
  const watched: typeof fdatasync = Object.assign(
    (file: number, done: fs.NoParamCallback) => {
      const from = performance.now();
      fdatasync(file, (error) => {
        syncs.push({ from, to: performance.now() });
        done(error);
      });
    },
    { __promisify__: fdatasync.__promisify__ },
  );
  fs.fdatasync = watched;
  syncBuiltinESMExports();
  const file = await open(process.execPath);
  const prototype = Object.getPrototypeOf(file);
  const { datasync } = prototype;
  prototype.datasync = async function timed(this: unknown) {
    const from = performance.now();
    await datasync.call(this);
    syncs.push({ from, to: performance.now() });
  };
  await file.close();
}

/** How many of the syncs come one after the other, each begun once another had ended. */
function inSeries(): number {
  let [count, last] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of syncs.splice(0).sort((a, b) => a.to - b.to)) {
    if (from < last) continue;
    [count, last] = [count + 1, to];
  }
  return count;
}

/** Syncs in series and pages written to the log for a single report: the median of some. */
export async function loneReport(): Promise<string> {
  await watchSyncs();
  const { openRuntime } = await import("@gatepost/embedded");
  const { hashToken } = await import("@gatepost/core/keys");
  const { receiver } = await import("@gatepost/receive");
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const runtime = await openRuntime({ data, log: quiet });
  const token = `gpi_${"bench".repeat(6)}`;
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const receive = receiver(runtime.ingest);
  const log = new WalFrames(join(data, "gatepost.db"));
  const lines: string[] = [];
  for (const [size, make] of [
    ["480 KB", bigReport],
    ["2 KB", smallReport],
  ] as const) {
    const [pages, series]: [number[], number[]] = [[], []];
    // The registered pictures and the texts of a hundred persons are known after the first hundred.
    for (let number = 0; number < 100 + reports; number++) {
      log.read();
      const { status } = await receive(requestOf(make(number)));
      if (status !== 200) throw new Error(`answered ${status}`);
      const [written, synced] = [log.read()?.pages.size ?? 0, inSeries()];
      if (number < 100) continue;
      pages.push(written);
      series.push(synced);
    }
    lines.push(
      `a lone report of ${size}: syncs in series ${Math.round(median(series))}, pages written to the log ${Math.round(median(pages))}`,
    );
  }
  log.close();
  await runtime.close();
  await rm(data, { recursive: true });
  return lines.join("\n");
}

if (import.meta.main) process.stdout.write(`${await loneReport()}\n`);
