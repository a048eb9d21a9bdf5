import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bin } from "./command.ts";

/** A running `npm start`, in a separate process. */
export interface GatepostProcess {
  url: string;
  /** A token that may do everything while this process lives. */
  admin: string;
  child: ChildProcess;
  /** Bytes that its files may have from now on, as on a disk that fills up or gets room again (Linux). */
  setFileSizeLimit(limit: number | "unlimited"): void;
  /** What it wrote to stderr so far. */
  log(): string;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
  /** Ends it as a power cut would, as far as the process is concerned. */
  kill(): Promise<void>;
}

/** Starts the server on a data folder and waits until it listens. */
export async function startGatepost(
  data: string,
  args: readonly string[] = [],
  variables: Record<string, string> = {},
): Promise<GatepostProcess> {
  const serve = ["serve", "--port", "0", "--host", "127.0.0.1", "--data", data, ...args];
  const child = spawn(process.execPath, [bin, ...serve], { env: { ...process.env, ...variables } });
  const ended = once(child, "exit");
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  const url = await new Promise<string>((resolve, reject) => {
    ended.then(() => reject(new Error(`it ended before it listened:\n${log}`)), reject);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const listening = /^listening on (\S+)$/.exec(line)?.[1];
      if (listening !== undefined) resolve(listening);
    });
  });
  const { token } = JSON.parse(await readFile(join(data, "server.json"), "utf8")) as { token: string };
  const setFileSizeLimit = (limit: number | "unlimited") => {
    execFileSync("prlimit", [`--pid=${child.pid}`, `--fsize=${limit}:`]);
  };
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    admin: token,
    child,
    setFileSizeLimit,
    log: () => log,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}
