import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { size } from "../../../packages/cli/src/options.ts";
import { run } from "../../../packages/cli/src/run.ts";
import { findRunning } from "../../../packages/cli/src/runtime/running.ts";
import { type HandOver, printKeys, type ServeOptions, start } from "../../../packages/cli/src/runtime/start.ts";
import { makeEmptyStore } from "../../runtime/embedded/temporary.ts";
import { bin } from "../../support/command.ts";
import { writtenBy } from "../../support/written.ts";

// The tests must not use a key of the user who runs them.
delete process.env["GATEPOST_TOKEN"];
// A process that npm started prints its hints with npx.
delete process.env["npm_command"];

/** A data folder that is not there yet. */
export async function dataFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "gatepost-cli-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  return join(parent, "data");
}

/** A data folder that no server uses. */
export async function emptyStore(): Promise<string> {
  const data = await dataFolder();
  await makeEmptyStore(data);
  return data;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `gatepost` to its end, in this process. */
export async function gatepost(...args: string[]): Promise<Ended> {
  const { result, stdout, stderr } = writtenBy(() => run(args));
  const code = await result;
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Runs `gatepost … --json` in this process and reads what it printed: exactly one document. */
export async function gatepostJson<Answer>(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await gatepost(...args, "--json");
  if (code !== 0 || stderr !== named(args)) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** The line in which a command names its data folder, or nothing if none was given. */
function named(args: readonly string[]): string {
  const data = args[args.indexOf("--data") + 1];
  return args.includes("--data") && data !== undefined ? `data folder: ${resolve(data)}\n` : "";
}

/** Runs `gatepost` to its end, as another process. */
export function gatepostProcess(...args: string[]): Promise<Ended> {
  return ending(launch([bin, ...args]));
}

export function launch(args: readonly string[], variables: Record<string, string> = {}): ChildProcess {
  const env = { ...process.env, ...variables };
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
}

/** What a process has written until it ended. */
export async function ending(child: ChildProcess): Promise<Ended> {
  const written = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => (written.stdout += chunk));
  child.stderr?.on("data", (chunk) => (written.stderr += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...written };
}

interface Served {
  url: string;
  /** What `gatepost serve` prints when it listens. */
  lines: string[];
  /** A token that may do everything. */
  admin: string;
  stop(): Promise<void>;
}

/**
 * Does what `gatepost serve` does, in this process: for tests of who asks it. A folder that is not there is made of an
 * empty store, which takes less than half of making one.
 */
export async function serve(
  data: string,
  { handOver = printKeys, ...options }: Partial<ServeOptions> & { handOver?: HandOver } = {},
): Promise<Served> {
  const asked = { data, host: "127.0.0.1", port: 0, maxBody: size("64mb"), ...options };
  if (!existsSync(data)) await makeEmptyStore(data);
  const server = await writtenBy(() => start(asked, handOver)).result;
  const running = await findRunning(data);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.stop();
    return stopped;
  };
  onTestFinished(stop);
  return { url: running?.url ?? "", lines: server.lines, admin: running?.token ?? "", stop };
}

interface ServerProcess {
  child: ChildProcess;
  /** The address on this machine. */
  url: string;
  /** The lines on stdout before it listens. */
  lines: string[];
  /** Asks it to end and resolves when it has. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Starts `gatepost serve` as another process and waits until it listens. */
export async function serveProcess(data: string, ...args: string[]): Promise<ServerProcess> {
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

/** The lines on stdout once it listens. */
export function startLines(child: ChildProcess, ended: Promise<Ended>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      if (/^listening on .*\r?\n/m.test(text)) resolve(text.trimEnd().split("\n"));
    });
    ended.then(({ stderr }) => reject(new Error(`ended before it listened: ${stderr}`)), reject);
  });
}
