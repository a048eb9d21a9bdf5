import { uptime } from "node:os";
import { secondMs } from "@gatepost/protocol";

/**
 * The uptime of the machine in ms: a clock that no one can set, and that counts while the machine sleeps. Reading it
 * opens a file, so between two readings the process's own clock counts, for a second at most. That clock stands still
 * while the machine sleeps, which the time of day tells.
 */
export function uptimeClock(): () => number {
  const read = () => ({ uptimeMs: uptime() * secondMs, own: performance.now(), day: Date.now() });
  let last = read();
  return () => {
    const passed = performance.now() - last.own;
    const hasSlept = Math.abs(Date.now() - last.day - passed) > secondMs;
    if (passed <= secondMs && !hasSlept) return last.uptimeMs + passed;
    last = read();
    return last.uptimeMs;
  };
}
