import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { text } from "node:stream/consumers";

/*
 * Runs each script of package.json whose name begins with `check:`, as many at a time as there are processors: each of
 * them uses one. What one prints comes in one piece. Ends with 1 where one of them fails.
 */
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));
const left = Object.keys(scripts).filter((name) => name.startsWith("check:"));

async function runNext(): Promise<void> {
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const child = spawn(process.execPath, ["--run", name], { stdio: ["ignore", "pipe", "pipe"] });
    const [[code], printed, complained] = await Promise.all([
      once(child, "exit"),
      text(child.stdout),
      text(child.stderr),
    ]);
    process.stdout.write(`${code === 0 ? "passed" : "FAILED"} ${name}: ${scripts[name]}\n`);
    if (code === 0) continue;
    process.stdout.write(printed + complained);
    process.exitCode = 1;
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, runNext));
