import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Peer, pathOf } from "./peer.ts";

const run = promisify(execFile);
const version = "3.1.2";
const folder = pathOf("../node_modules/.cache/gatepost-bench/flask");

/** Flask of PyPI, in a virtual environment that is made once; or why there is none. */
export async function startFlask(): Promise<Peer | string> {
  const python = join(folder, "bin", "python");
  try {
    if (!existsSync(join(folder, "installed"))) {
      await run("python3", ["-m", "venv", folder]);
      await run(python, ["-m", "pip", "install", "--quiet", `flask==${version}`]);
      await run(python, ["-c", `open(${JSON.stringify(join(folder, "installed"))}, "w").close()`]);
    }
  } catch (error) {
    return `SKIPPED Flask: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
  return await started(python);
}

/** It prints its address on stderr, beside a line for each request. */
function started(python: string): Promise<Peer> {
  const child = spawn(python, [pathOf("peers/flask_receiver.py")], { stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let said = "";
    child.once("error", reject).once("exit", () => reject(new Error(`Flask ended before it listened: ${said}`)));
    child.stderr.on("data", (data: Buffer) => {
      if (said.length < 4096) said += data.toString();
      const url = /Running on (http\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(new Peer(url, child));
    });
  });
}
