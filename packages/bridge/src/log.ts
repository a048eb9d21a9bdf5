import type { Log } from "@gatepost/ingest";

/** One line of JSON a fact. */
export function jsonLog(write: (line: string) => void, clock: () => number = Date.now): Log {
  const line =
    (level: string) =>
    (message: string, facts: Record<string, unknown> = {}) =>
      write(`${JSON.stringify({ time: new Date(clock()).toISOString(), level, message, ...facts }, readable)}\n`);
  return { info: line("info"), warn: line("warn"), error: line("error") };
}

function readable(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;
}
