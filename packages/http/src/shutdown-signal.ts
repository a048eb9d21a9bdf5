import { isatty } from "node:tty";
import { jsonLog } from "./log.ts";

/** stdin, stdout and stderr. */
const streams = [0, 1, 2];

/**
 * Calls `end` when the process is asked to end: by SIGTERM, by SIGINT, and where it was started on a terminal also by
 * SIGHUP, which comes when that is closed. From this call on, these signals do not end the process themselves.
 *
 * Without a terminal it goes on after SIGHUP: `nohup` has the signal ignored, and Node undoes that when it starts.
 */
export function onShutdownSignal(end: () => void): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
  const goOn = () => jsonLog().info("SIGHUP: it goes on, and reads files again when they change, without being asked");
  process.on("SIGHUP", streams.some(isatty) ? end : goOn);
}
