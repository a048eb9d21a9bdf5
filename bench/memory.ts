import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deliver, startGatepost } from "./peer.ts";

const connections = 64;
const bodyBytes = 4_000_000;
const rounds = 4;
const allowed = 2 * connections * bodyBytes + 150e6;

/** The most memory that is resident while each of 64 connections sends 4 MB, ÷ twice these bytes and 150 MB. */
export async function memoryUnderLoad(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const server = await startGatepost(data);
  try {
    const before = server.peakBytes;
    await deliver(server, { make: report, count: connections * rounds, connections });
    const [peak, inFlight] = [server.peakBytes, connections * bodyBytes].map((bytes) => bytes / 1e6);
    return (
      `memory, ${connections} connections × ${bodyBytes / 1e6} MB: ${peak?.toFixed(0)} MB at most, ` +
      `${(before / 1e6).toFixed(0)} MB before, ${inFlight} MB in flight: ` +
      `${(server.peakBytes / allowed).toFixed(2)} of (2 × in flight + 150 MB)`
    );
  } finally {
    await server.end();
    await rm(data, { recursive: true });
  }
}

/** A report whose scene is a picture of 3 MB. */
function report(number: number): string {
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes((bodyBytes * 3) / 4 - 256)]);
  const timestamp = Date.UTC(2026, 0, 1) + number;
  return JSON.stringify({ identity_id: "7", timestamp, ext_data: { spot_pic: jpeg.toString("base64") } });
}

if (import.meta.main) process.stdout.write(`${await memoryUnderLoad()}\n`);
