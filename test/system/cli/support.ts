import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const bin = fileURLToPath(new URL("../../../packages/cli/src/bin.mjs", import.meta.url));

/** A data folder that is not there yet. */
export async function dataFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "gatepost-cli-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  return join(parent, "data");
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `gatepost` to its end. */
export function gatepost(...args: string[]): Promise<Ended> {
  return ending(launch([bin, ...args]));
}

/** Runs `gatepost … --json` and reads what it printed: exactly one document. */
export async function gatepostJson<Answer>(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await gatepost(...args, "--json");
  if (code !== 0 || stderr !== "") throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

export function launch(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, GATEPOST_TOKEN: undefined },
  });
}

/** What a process has written until it ended. */
export async function ending(child: ChildProcess): Promise<Ended> {
  const written = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => (written.stdout += chunk));
  child.stderr?.on("data", (chunk) => (written.stderr += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...written };
}

export interface Server {
  child: ChildProcess;
  /** Its address on this machine. */
  url: string;
  /** What stands on stdout until it listens. */
  lines: string[];
  /** Asks it to end and resolves when it has. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Starts `gatepost serve` and waits until it listens. */
export async function serve(data: string, ...args: string[]): Promise<Server> {
  const child = launch([bin, "serve", "--data", data, "--port", "0", ...args]);
  const ended = ending(child);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines = await startLines(child, ended);
  const port = /:(\d+)$/.exec(lines.at(-1) ?? "")?.[1];
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    lines,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

/** What stands on stdout once it listens. */
export function startLines(child: ChildProcess, ended: Promise<Ended>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      if (/^listening on .*\n/m.test(text)) resolve(text.trimEnd().split("\n"));
    });
    ended.then(({ stderr }) => reject(new Error(`ended before it listened: ${stderr}`)), reject);
  });
}
