import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../packages/cli/src/bin.mjs", import.meta.url));
const clockAhead = new URL("../../test/support/clock-ahead.ts", import.meta.url).href;

export interface Launch {
  /** The arguments of `gatepost`. */
  args: readonly string[];
  /** The program that runs it, as `strace …`; empty if it runs by itself. */
  under?: readonly string[];
  /** ms by which its clock is ahead. */
  aheadMs?: number;
  /** More of its environment. */
  env?: Record<string, string>;
  /** The line on stdout when it is ready; the first group of the match is returned. */
  ready: RegExp;
}

export interface Launched {
  found: string;
  log(): string;
  /** Sends a signal to the program itself and resolves when all of it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when it has ended, for any reason. */
  ended: Promise<unknown>;
}

/** It ended before it was ready. */
class NotStarted extends Error {}

/** Starts a `gatepost` as another process and waits until it is ready. Throws NotStarted. */
export async function launch({ args, under = [], aheadMs = 0, env = {}, ready }: Launch): Promise<Launched> {
  const clock = aheadMs === 0 ? [] : ["--import", clockAhead];
  const [program = process.execPath, ...rest] = [...under, process.execPath, ...clock, bin, ...args];
  // One thread for files: so the calls of a run have one order, and a call can be counted.
  const all = {
    ...process.env,
    ...env,
    GATEPOST_CLOCK_AHEAD: String(aheadMs),
    UV_THREADPOOL_SIZE: under.length > 0 ? "2" : "4",
  };
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], env: all });
  const ended = once(child, "exit");
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  const found = await new Promise<string>((resolve, reject) => {
    ended.then(() => reject(new NotStarted(`it ended before it was ready: ${log.slice(-2000)}`)), reject);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = ready.exec(line);
      if (match !== null) resolve(match[1] ?? line);
    });
  });
  return {
    found,
    log: () => log,
    ended,
    async end(signal) {
      const own = await ownProcess(child, under.length > 0);
      if (child.exitCode === null && child.signalCode === null) process.kill(own, signal);
      await ended;
    },
  };
}

/** The program itself: of what runs under another one, its child. */
async function ownProcess({ pid = 0 }: ChildProcess, isBelow: boolean): Promise<number> {
  if (!isBelow) return pid;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return Number(children.trim().split(" ")[0]) || pid;
}
