import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { strangersEnvironment } from "./install.ts";

export interface Started {
  child: ChildProcess;
  /** The line for which was waited. */
  line: string;
  log(): string;
  /** Asks it to end. Gives its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a program in a folder and waits for a line of its stdout. */
export async function started(command: readonly string[], folder: string, awaited: RegExp): Promise<Started> {
  const [program = "", ...args] = command;
  // A separate process group: npx runs the program as its child.
  const child = spawn(program, args, { cwd: folder, env: strangersEnvironment(), detached: true });
  const ended = once(child, "exit") as Promise<[number | null]>;
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (one) => {
      if (awaited.test(one)) resolve(one);
    });
    ended.then(([code]) => reject(new Error(`it ended with ${code}:\n${log}`)), reject);
  });
  let stopped: Promise<number | null> | undefined;
  return {
    child,
    line,
    log: () => log,
    stop() {
      stopped ??= end(child, ended);
      return stopped;
    },
  };
}

async function end({ pid, exitCode }: ChildProcess, ended: Promise<[number | null]>): Promise<number | null> {
  if (exitCode === null && pid !== undefined) process.kill(-pid, "SIGTERM");
  const [code] = await ended;
  return code;
}
