import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { openedByTests } from "../../runtime/embedded/temporary.ts";
import { Client } from "../../support/client.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { noon } from "../../support/reports.ts";

const { closers } = openedByTests();

const reports = 3000;

/**
 * On the disk of the sources: the folder for temporary files may be in memory, for which Linux counts no written bytes.
 */
async function folderOnDisk(): Promise<string> {
  const cache = join(import.meta.dirname, "../../../node_modules/.cache");
  await mkdir(cache, { recursive: true });
  const path = await mkdtemp(join(cache, "written-bytes-"));
  closers.push(() => rm(path, { recursive: true }));
  return path;
}

/** Bytes that a process has sent to disks, those that wait in memory included. */
function writtenBy(pid: number | undefined): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** Reports without pictures, of so many devices: few enough values that no job finishes the batch after the answer. */
function bodyOf(devices: number): Buffer {
  const passings = Array.from({ length: reports }, (_, number) => {
    const device = number % devices;
    const device_ip = `10.0.${device >> 8}.${device & 255}`;
    return {
      identity_id: `p${number % 50}`,
      identity_name: "Jonas Keller",
      timestamp: noon + number,
      ext_data: {
        device_ip,
        device_id: `04f98265-aaaa-4bbb-8ccc-${String(device).padStart(12, "0")}`,
        ep_id: `AKOPKKKKK__${device_ip}`,
        device_name: `Gate ${device} of the north building`,
      },
    };
  });
  return Buffer.from(JSON.stringify(passings));
}

/** Reports of so many devices, with random texts of 60 characters for the name and id of each person and device. */
function randomTexts(devices: number): Buffer {
  const text = (kind: string, number: number) => shake(`${kind} ${number}`);
  const passings = Array.from({ length: reports }, (_, number) => ({
    identity_id: "p1",
    identity_name: text("name", number),
    timestamp: noon + number,
    ext_data: {
      device_ip: `10.0.${(number % devices) >> 8}.${(number % devices) & 255}`,
      ep_id: text("ep", number % devices),
      device_id: text("device", number % devices),
      device_name: text("gate", number % devices),
    },
  }));
  return Buffer.from(JSON.stringify(passings));
}

/** 60 characters that look random, the same for each seed. */
function shake(seed: string): string {
  return createHash("shake256", { outputLength: 45 }).update(seed).digest("base64");
}

/**
 * Bytes that a new server writes for one packed body; the fewest of up to three tries, until they are at most `most`. On
 * a busy machine the system writes a page early, and once more later: that counts twice, up to an eighth more.
 */
async function fewestFor(body: Buffer, most: number): Promise<number> {
  let fewest = await bytesFor(body);
  for (let tried = 1; tried < 3 && fewest > most; tried++) fewest = Math.min(fewest, await bytesFor(body));
  return fewest;
}

/** Bytes that a new server writes for one packed body. */
async function bytesFor(body: Buffer): Promise<number> {
  const server = await startGatepost(await folderOnDisk());
  closers.push(() => server.stop());
  const { token } = await new Client(server).createKey("gate-1");
  const before = writtenBy(server.child.pid);
  const headers = { "content-encoding": "gzip", "content-type": "application/json" };
  const answer = await fetch(`${server.url}/${token}/HistoryEvent`, {
    method: "POST",
    body: new Uint8Array(gzipSync(body)),
    headers,
  });
  expect(answer.status).toBe(200);
  return writtenBy(server.child.pid) - before;
}

it.skipIf(process.platform !== "linux").each([
  ["3,000 reports of 3,000 devices write little more than of one device", bodyOf, 2],
  ["3,000 reports with four random texts each write little more than of one device", randomTexts, 2.5],
] as const)("%s", async (_, bodyOf, most) => {
  const body = bodyOf(reports);
  const one = await bytesFor(bodyOf(1));
  const limit = Math.min(most * one, 20 * (body.length + 1024 * reports));
  const written = await fewestFor(body, limit);
  expect(written).toBeGreaterThan(body.length);
  expect(written).toBeLessThanOrEqual(limit);
});
