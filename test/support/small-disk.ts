import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { missing } from "./required.ts";

/** Why there can be none here, or null. */
export const noSmallDisk = missing(
  "unshare",
  ["-rm", "mount", "-t", "tmpfs", "none", "/tmp"],
  "a mount of an ordinary user's own",
);

/**
 * A file system of `megabytes` in memory over the folder `mount`, which only the programs that `start` starts see: an
 * ordinary user may mount one in a new namespace. It is really full when it is full; its blocks are memory, so what a
 * disk does with metadata and delayed writes is not shown. Resolves once it is mounted.
 *
 * @param command what each start runs
 * @param options of the mount, such as ",nr_inodes=40"
 */
export async function smallDisk(megabytes: number, mount: string, command: readonly string[], options = "") {
  // Each line that it reads has it start a program.
  const script = `mount -t tmpfs -o size=${megabytes}m${options} none "$0" || exit
    echo mounted
    while read -r _; do "$@" & echo "pid $!"; wait $!; echo "ended $?"; done`;
  const shell = spawn("unshare", ["-rm", "sh", "-c", script, mount, ...command]);
  const ended = once(shell, "exit");
  let log = "";
  shell.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const said = async (pattern: RegExp) => {
    for (;;) {
      const { value = "ended", done } = await lines.next();
      const found = pattern.exec(value)?.[1];
      if (found !== undefined) return found;
      if (done === true || value.startsWith("ended")) throw new Error(`it ended before it said ${pattern}:\n${log}`);
    }
  };
  await said(/^(mounted)$/);
  return {
    /** The folder as this process sees it. */
    disk: `/proc/${shell.pid}/root${mount}`,
    log: () => log,
    /** Runs a shell script that sees the disk. */
    inside(script: string): void {
      execFileSync("nsenter", [`--target=${shell.pid}`, "-U", "-m", "--preserve-credentials", "sh", "-ec", script]);
    },
    /** Starts the program. Resolves with what it says when it is ready, and with what ends it and gives its exit code. */
    async start(ready: RegExp) {
      shell.stdin.write("\n");
      const pid = Number(await said(/^pid (\d+)$/));
      const found = await said(ready);
      let code: Promise<number> | undefined;
      const stop = (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => {
        if (code === undefined) process.kill(pid, signal);
        code ??= said(/^ended (\d+)$/).then(Number);
        return code;
      };
      return { found, pid, stop };
    },
    /** To be called when no program runs on it any more. */
    async end() {
      shell.stdin.end();
      await ended;
    },
  };
}

/** Writes a file until nothing more fits. */
export async function fillUp(path: string): Promise<void> {
  await using file = await open(path, "a");
  for (const bytes of [1024 * 1024, 4096]) {
    for (;;) {
      const written = await file.write(Buffer.alloc(bytes, 1)).catch(() => null);
      if (written === null || written.bytesWritten < bytes) break;
    }
  }
}
