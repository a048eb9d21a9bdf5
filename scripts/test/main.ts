import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { runs } from "./runs.ts";

/*
 * Runs parts of the tests, two at a time: node scripts/test/main.ts PART [PART …]. Their lines are printed as they
 * come, mixed. Ends with 1 where a part fails, after all of them.
 */
const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const left = process.argv.slice(2);

async function runNext(): Promise<void> {
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const run = runs[name];
    if (run === undefined) throw new Error(`${name}: there is ${Object.keys(runs).join(", ")}`);
    const workers = Math.ceil(availableParallelism() * run.workers);
    const child = spawn(process.execPath, [vitest, "run", ...run.asked, "--maxWorkers", `${workers}`], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
    });
    for (const [from, to] of [[child.stdout, process.stdout] as const, [child.stderr, process.stderr] as const])
      createInterface({ input: from }).on("line", (line) => to.write(`${line}\n`));
    const [code] = await once(child, "close");
    process.stdout.write(`${code === 0 ? "passed" : "FAILED"} ${name}: vitest run ${run.asked.join(" ")}\n`);
    if (code !== 0) process.exitCode = 1;
  }
}

await Promise.all([runNext(), runNext()]);
