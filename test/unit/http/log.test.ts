import { newToken } from "@gatepost/core/keys";
import { jsonLog } from "@gatepost/http";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function linesOf(tell: (log: ReturnType<typeof jsonLog>) => void): string[] {
  const lines: string[] = [];
  tell(jsonLog((line) => lines.push(line)));
  return lines;
}

it("writes a line of JSON a fact, with its time and level", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 2, 1, 12) });
  const lines = linesOf((log) => {
    log.info("listening");
    log.warn("quarantined", { box: "gate-1", reason: "not-json" });
    log.error("interrupted");
  });
  expect(lines).toEqual([
    '{"time":"2026-03-01T12:00:00.000Z","level":"info","message":"listening"}\n',
    '{"time":"2026-03-01T12:00:00.000Z","level":"warn","message":"quarantined","box":"gate-1","reason":"not-json"}\n',
    '{"time":"2026-03-01T12:00:00.000Z","level":"error","message":"interrupted"}\n',
  ]);
});

it("logs an error with all its causes and their codes", () => {
  const first = Object.assign(new Error("write"), { code: "ENOSPC" });
  const [line = ""] = linesOf((log) =>
    log.error("report not stored", { cause: new TypeError("no", { cause: first }) }),
  );
  expect(JSON.parse(line)).toMatchObject({
    cause: {
      name: "TypeError",
      message: "no",
      stack: expect.stringContaining("log.test.ts"),
      cause: { name: "Error", message: "write", code: "ENOSPC" },
    },
  });
});

it("never contains a key, from any source", () => {
  const token = newToken("admin");
  const [line = ""] = linesOf((log) => log.error(`at ${token}`, { a: [token], cause: new Error(`GET /${token}`) }));
  expect(line).not.toContain(token.slice(4));
  expect(JSON.parse(line)).toMatchObject({ a: ["*".repeat(31)], cause: { message: `GET /${"*".repeat(31)}` } });
});

it("is written to stderr: stdout has only the lines of the start", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  jsonLog().info("listening");
  expect(write).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/"message":"listening"}\n$/));
});
