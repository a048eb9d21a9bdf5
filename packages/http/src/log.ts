import type { Log } from "@gatepost/core/log";
import { masked } from "@gatepost/core/masking";

/** A log of JSON lines on stderr; stdout is for the lines of the start. Keys are masked in it. */
export function jsonLog(write: (line: string) => void = (line) => process.stderr.write(line)): Log {
  const line =
    (level: string) =>
    (message: string, facts: Record<string, unknown> = {}) =>
      write(`${masked(JSON.stringify({ time: new Date().toISOString(), level, message, ...facts }, causes))}\n`);
  return { info: line("info"), warn: line("warn"), error: line("error") };
}

function causes(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...("code" in value && { code: value.code }), cause };
}
