import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { namesOf } from "../called.ts";
import { type Part, sideBySide } from "../side-by-side.ts";
import { checks } from "./checks.ts";

/*
 * Runs all checks, or those that are named: npm run check -- [CHECK …]. As many run at a time as there are processors:
 * each of them uses one. The output of a failed check is printed in one piece. Ends with 1 if one of them fails.
 */
const root = join(import.meta.dirname, "../..");
const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}` };

function checkOf(name: string): Part {
  const command = checks[name] ?? "";
  const run = async (signal: AbortSignal) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"], cwd: root, env, signal });
    const [[code], printed, complained] = await Promise.all([
      once(child, "exit"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { hasPassed: code === 0, printed: code === 0 ? "" : printed + complained };
  };
  return { name, command, run };
}

const named = namesOf(Object.keys(checks));
await sideBySide((named.length === 0 ? Object.keys(checks) : named).map(checkOf), availableParallelism());
