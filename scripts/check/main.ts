import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { text } from "node:stream/consumers";
import { type Part, sideBySide } from "../side-by-side.ts";

/*
 * Runs each script of package.json whose name begins with `check:`, as many at a time as there are processors: each of
 * them uses one. The output of a failed script is printed in one piece. Ends with 1 if one of them fails.
 */
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));

function checkOf([name, command]: [string, string]): Part {
  const run = async (signal: AbortSignal) => {
    const child = spawn(process.execPath, ["--run", name], { stdio: ["ignore", "pipe", "pipe"], signal });
    const [[code], printed, complained] = await Promise.all([
      once(child, "exit"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { hasPassed: code === 0, printed: code === 0 ? "" : printed + complained };
  };
  return { name, command, run };
}

const checks = Object.entries(scripts).filter(([name]) => name.startsWith("check:"));
await sideBySide(checks.map(checkOf), availableParallelism());
