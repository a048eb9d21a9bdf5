import { spawnSync } from "node:child_process";
import { traced } from "./trace.ts";

/** More bytes than any call of a workload writes. */
const maxBytes = 64 * 1024 * 1024;

/** µs that a sync takes at least. In memory it would take none, and an answer before its sync would not be noticed. */
const syncDelay = 3000;

/**
 * The command that records a program's calls into a file.
 *
 * @param fault what `strace` does to some of them, in the place of the delay; null if none fails
 */
export function recording(file: string, fault: string | null = null): string[] {
  const names = traced.filter((name) => name !== "fcntl" && !name.startsWith("dup"));
  return [
    ...["strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-yy", "-xx", "-s", String(maxBytes), "-o", file],
    ...["-e", `trace=${names.join()}`, "-e", "signal=none"],
    ...["-e", `inject=${fault ?? `fsync,fdatasync:delay_enter=${syncDelay}`}`],
  ];
}

/** Why nothing can be recorded here; null if it can. */
export function whyNot(): string | null {
  const { error, status, stderr } = spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"], { encoding: "utf8" });
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? null : `strace may not watch processes here: ${stderr.trim().split("\n")[0]}`;
}
