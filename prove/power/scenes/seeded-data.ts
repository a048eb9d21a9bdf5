import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashToken, type Scope } from "@gatepost/core/keys";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import type { Random } from "../../../packages/simulator/src/random.ts";
import { boxRequest } from "../../../test/support/http.ts";

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** A token that a seed makes again. */
export function tokenOf(scope: "gpi" | "gpr" | "gpa", random: Random): string {
  const letters = Array.from({ length: 32 }, () => Math.floor(random() * 36).toString(36));
  return `${scope}_${letters.join("")}`;
}

export interface Seeding {
  runtime: Runtime;
  key(scope: Scope, box: string | null, token: string): Promise<void>;
  post(path: string, body: string): Promise<void>;
}

/** Fills a data folder before it is recorded, by its own clock. */
export async function seedData(
  data: string,
  clock: () => number,
  fill: (seeding: Seeding) => Promise<void>,
): Promise<void> {
  const runtime = await openRuntime({ data, clock, log: quiet });
  const receive = receiver(runtime.ingest);
  await fill({
    runtime,
    async key(scope, box, token) {
      await runtime.reads.keyAdmin.create({ scope, box, tokenHash: hashToken(token) });
    },
    async post(path, body) {
      const { status, body: why } = await receive(boxRequest({ path, body }));
      if (status !== 200) throw new Error(`a seed is answered ${status}: ${why}`);
    },
  });
  await runtime.close();
  await keepRoom(data);
}

/** The file that reserves space exists already, so a recording does not contain its eight megabytes. */
async function keepRoom(data: string): Promise<void> {
  const file = join(data, "reserve");
  await writeFile(file, "", { mode: 0o600 });
  await truncate(file, 8 * 1024 * 1024);
}
