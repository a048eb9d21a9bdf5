import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MachineOptions, openMachine } from "@gatepost/embedded";

/** A folder of its own, which `remove` takes away with all that is in it. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "gatepost-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A machine on a folder of its own. What it logs is collected instead of printed. */
export async function temporaryMachine(options: Partial<MachineOptions> = {}) {
  const folder = await temporaryFolder();
  const logged: { level: string; message: string; facts: unknown }[] = [];
  const collect = (level: string) => (message: string, facts?: unknown) => void logged.push({ level, message, facts });
  const log = { info: collect("info"), warn: collect("warn"), error: collect("error") };
  const machine = await openMachine({ data: folder.path, log, ...options });
  return {
    machine,
    folder: folder.path,
    logged,
    async close() {
      await machine.close();
      await folder.remove();
    },
  };
}
