import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Part, sideBySide } from "../side-by-side.ts";
import { runs } from "./runs.ts";

/*
 * Runs parts of the tests, two at a time: node scripts/test/main.ts PART [PART …]. Their lines are printed as they
 * come, mixed. Ends with 1 where a part fails, after all of them.
 */
const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const env = { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) };

function partOf(name: string): Part {
  const asked = runs[name];
  if (asked === undefined) throw new Error(`${name} is no part of the tests: there is ${Object.keys(runs).join(", ")}`);
  const workers = Math.ceil(availableParallelism() * asked.workers);
  const args = ["run", ...asked.args, "--maxWorkers", `${workers}`];
  const run = async (signal: AbortSignal) => {
    const child = spawn(process.execPath, [vitest, ...args], { stdio: ["ignore", "pipe", "pipe"], env, signal });
    createInterface({ input: child.stdout }).on("line", (line) => process.stdout.write(`${line}\n`));
    createInterface({ input: child.stderr }).on("line", (line) => process.stderr.write(`${line}\n`));
    const [code] = await once(child, "close");
    return { hasPassed: code === 0, printed: "" };
  };
  return { name, command: `vitest ${args.join(" ")}`, run };
}

await sideBySide(process.argv.slice(2).map(partOf), 2);
