import { isatty } from "node:tty";
import { jsonLog } from "./log.ts";

/** stdin, stdout and stderr. */
const streams = [0, 1, 2];

/**
 * Calls `end` when the process is asked to end: by SIGTERM, by SIGINT, and, if it was started on a terminal, also by
 * SIGHUP, which is sent when that is closed. From this call on, these signals do not end the process themselves.
 *
 * Without a terminal it keeps running after SIGHUP: `nohup` has the signal ignored, and Node undoes that when it
 * starts.
 */
export function onShutdownSignal(end: () => void): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
  const goOn = () => jsonLog().info("SIGHUP ignored: the process keeps running, and reads changed files automatically");
  process.on("SIGHUP", streams.some(isatty) ? end : goOn);
}
