import { hashToken } from "@gatepost/core/keys";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { serial } from "../../../support/terminals.ts";

/** The key of the gate. */
export const token = "gpi_abcdefghijklmnopqrstuvwxyz0";

/** A Gatepost in memory with a gate in Shanghai, whose key also lists the serial of the samples. */
export async function gateInShanghai(): Promise<MemoryPorts> {
  const deps = new MemoryPorts();
  deps.now = Date.parse("2026-11-24T18:00:30+08:00");
  await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token), serials: [serial] });
  await deps.boxes.set("gate-1", { zone: "Asia/Shanghai" });
  return deps;
}
