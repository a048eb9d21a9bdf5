import type { RequestListener } from "node:http";
import { type Listening, listen } from "@gatepost/http";
import { onTestFinished } from "vitest";

/** Listens on a free port as long as the test runs. */
export async function listening(
  answer: RequestListener,
  options: Partial<Parameters<typeof listen>[1]> = {},
): Promise<Listening & { url: string }> {
  const opened = await listen(answer, { host: "127.0.0.1", port: 0, ...options });
  onTestFinished(() => opened.close());
  return { ...opened, url: `http://127.0.0.1:${opened.port}` };
}

/** A log that is kept to be looked at. */
export function keptLog() {
  const lines: { level: string; message: string; facts: unknown }[] = [];
  const keep = (level: string) => (message: string, facts?: unknown) => void lines.push({ level, message, facts });
  return { lines, log: { info: keep("info"), warn: keep("warn"), error: keep("error") } };
}
