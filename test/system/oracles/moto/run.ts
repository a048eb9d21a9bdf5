import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/*
 * A second opinion on the AWS adapters: the contracts once more, against moto's server (PyPI `moto[server]`). The last
 * line is its result, or SKIPPED with its reason where PyPI has it not.
 */

const version = "5.2.5";
const repository = join(import.meta.dirname, "../../../..");
const environment = join(repository, "node_modules/.cache/moto", version);
const startTimeoutSeconds = 60;

const missing = install();
if (missing !== null) {
  process.stdout.write(`SKIPPED moto: ${missing}\n`);
  process.exit(0);
}
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const server = spawn(join(environment, "bin/moto_server"), ["-H", "127.0.0.1", "-p", String(port)], {
  stdio: "ignore",
});
let status: number | null = 1;
try {
  await answering();
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const env = { ...process.env, GATEPOST_MOTO_URL: url, NO_COLOR: "1", GATEPOST_TEST_RESULTS: undefined };
  const contracts = [vitest, "run", "test/contract/dynamo.test.ts"];
  status = spawnSync(process.execPath, contracts, { cwd: repository, env, stdio: "inherit" }).status;
} finally {
  server.kill();
}
process.stdout.write(`moto: the contracts ${status === 0 ? "hold" : "FAILED"}\n`);
process.exitCode = status ?? 1;

/** Installs moto beside the modules, once. Why it cannot be had, or null. */
function install(): string | null {
  if (existsSync(join(environment, "bin/moto_server"))) return null;
  mkdirSync(environment, { recursive: true });
  const made = spawnSync("/usr/bin/python3", ["-m", "venv", environment], { encoding: "utf8" });
  if (made.status !== 0) return `no virtual environment: ${lastLine(made.stderr)}`;
  const pip = ["install", "--quiet", "--disable-pip-version-check", `moto[server]==${version}`];
  const installed = spawnSync(join(environment, "bin/pip"), pip, { encoding: "utf8" });
  return installed.status === 0 ? null : `PyPI: ${lastLine(installed.stderr)}`;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** A port that nothing listens on: another server there would give its own opinion. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return free;
}

async function answering(): Promise<void> {
  for (let second = 0; second < startTimeoutSeconds; second++) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => null);
    if (answer?.ok) return;
    await sleep(1000);
  }
  throw new Error(`moto did not answer within ${startTimeoutSeconds} s`);
}
