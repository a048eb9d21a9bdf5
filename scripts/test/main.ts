import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { namesOf } from "../called.ts";
import { checks } from "../check/checks.ts";
import { type Part, sideBySide } from "../side-by-side.ts";
import { type Run, runs } from "./runs.ts";

/*
 * Runs parts of the tests, two at a time: npm test -- [PART …]. Their lines are printed at once, mixed. All parts run,
 * also after one failed. At the end the failed tests are listed, and the process ends with 1.
 */
const root = join(import.meta.dirname, "../..");
const colors = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};

/** The parts of `npm test` alone, in this order. */
const usual = ["check", "contract", "unit", "system", "runtime"];

/** `stacks` writes down the whole deployment first, which takes as long as the other checks together. */
const checkParts: Record<string, readonly string[]> = {
  check: Object.keys(checks).filter((check) => check !== "stacks"),
  stacks: ["stacks"],
};

function partOf(name: string): Part {
  const named = checkParts[name];
  if (named !== undefined) return partRunning(name, [join(root, "scripts/check/main.ts"), ...named]);
  const { args: asked = [], workers = null, variables } = runs[name] ?? {};
  const limit = workers === null ? [] : ["--maxWorkers", `${Math.ceil(availableParallelism() * workers)}`];
  const args = ["run", ...asked, ...limit];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  return partRunning(name, [vitest, ...args], variables);
}

function partRunning(name: string, args: readonly string[], variables: Run["variables"] = {}): Part {
  const env = { ...process.env, ...colors, ...variables };
  const run = async (signal: AbortSignal) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env, signal });
    const failures = new Set<string>();
    createInterface({ input: child.stdout }).on("line", (line) => process.stdout.write(`${line}\n`));
    createInterface({ input: child.stderr }).on("line", (line) => {
      process.stderr.write(`${line}\n`);
      const [, failure] = /^ FAIL {2,}(.+)/.exec(stripVTControlCharacters(line)) ?? [];
      if (failure !== undefined) failures.add(failure);
    });
    const [code] = await once(child, "close");
    return { hasPassed: code === 0, printed: "", failures: [...failures] };
  };
  return { name, command: `npm test -- ${name}`, run };
}

const named = namesOf(Object.keys({ ...checkParts, ...runs }));
await sideBySide((named.length === 0 ? usual : named).map(partOf), 2);
