import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../standins/listen.ts";
import { isLong } from "../../../support/seeded.ts";
import { installMoto, programOfMoto, repository } from "./environment.ts";

/*
 * A second opinion on the AWS adapters: the contracts of S3 once more, against moto's server (PyPI `moto[server]`). AWS's
 * own DynamoDB Local judges the others; with GATEPOST_LONG, moto does, too. The last line is its result, or SKIPPED with
 * its reason if PyPI does not have it.
 */

const startTimeoutSeconds = 60;

const missing = installMoto();
if (missing !== null) {
  process.stdout.write(`SKIPPED moto: ${missing}\n`);
  process.exit(0);
}
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const program = join(import.meta.dirname, "server.py");
const server = spawn(programOfMoto("python"), [program, "127.0.0.1", String(port)], { stdio: "ignore" });
let status: number | null = 1;
try {
  await answering();
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const env = { ...process.env, GATEPOST_MOTO_URL: url, NO_COLOR: "1", GATEPOST_TEST_RESULTS: undefined };
  const others = isLong ? ["test/contract/dynamo.test.ts"] : [];
  const contracts = [vitest, "run", "test/contract/s3.test.ts", ...others];
  status = spawnSync(process.execPath, contracts, { cwd: repository, env, stdio: "inherit" }).status;
} finally {
  server.kill();
}
process.stdout.write(`moto: the contracts ${status === 0 ? "hold" : "FAILED"}\n`);
process.exitCode = status ?? 1;

async function answering(): Promise<void> {
  for (let second = 0; second < startTimeoutSeconds; second++) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => null);
    if (answer?.ok) return;
    await sleep(1000);
  }
  throw new Error(`moto did not answer within ${startTimeoutSeconds} s`);
}
