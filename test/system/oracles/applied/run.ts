import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synth } from "../../infra/stages.ts";
import { installMoto, programOfMoto } from "../moto/environment.ts";

/*
 * A second opinion on the deployment: a production stage with everything that may be asked for, applied to moto by the
 * calls of AWS that the provider would make (apply.py). The last line is its result, or SKIPPED with its reason if PyPI
 * does not have moto.
 */

const settings = {
  GATEPOST_ACCOUNT_IDS: "123456789012",
  GATEPOST_ALARM_EMAIL: "ops@example.com",
  GATEPOST_BUDGET_USD: "100",
  GATEPOST_DOMAIN: "gate.example.com",
  GATEPOST_KMS: "1",
  GATEPOST_RESERVED: "api=50",
  GATEPOST_XRAY: "1",
};

const missing = installMoto();
if (missing === null) process.exitCode = await apply();
else process.stdout.write(`SKIPPED applied: ${missing}\n`);

async function apply(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-applied-"));
  try {
    const graph = join(folder, "graph");
    await synth(["--shallow", "--stage", "production", "--out", graph], settings);
    const program = [join(import.meta.dirname, "apply.py"), join(graph, "graph.json")];
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
    const { status } = spawnSync(programOfMoto("python"), program, { env, stdio: "inherit" });
    return status ?? 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}
