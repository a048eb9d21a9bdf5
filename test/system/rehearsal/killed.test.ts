import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Lambda } from "./lambda.ts";

/** As many invocations as a function has environments. */
const concurrency = 3;

describe("a process of a rehearsed function that ends", () => {
  let folder: string;
  let lambda: Lambda;
  const processes: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatepost-killed-"));
    const code = "export const handler = (waits) => (waits ? new Promise(() => {}) : 'well');";
    await writeFile(join(folder, "bundle.mjs"), `setInterval(() => {}, 1000); ${code}`);
    const invoking = (process: ChildProcess) => processes.push(process);
    const options = { name: "probe", handler: "bundle.handler", folder, timeout: 60, environment: {}, log: () => {} };
    lambda = new Lambda({ ...options, invoking });
  });
  afterEach(async () => {
    processes.length = 0;
    await lambda.close();
    await rm(folder, { recursive: true });
  });

  const aWhile = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
  const kill = async (child: ChildProcess) => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  const killAll = () => Promise.all(processes.splice(0).map(kill));

  it("fails only its present invocation", async () => {
    const failing = expect(lambda.invoke(true)).rejects.toThrow("SIGTERM");
    while (processes.length < 1) await aWhile();
    await killAll();
    await failing;
    expect(await lambda.invoke(false)).toBe("well");
  });

  it("is not used again if it ended while idle", async () => {
    await lambda.invoke(false);
    await killAll();
    expect(await lambda.invoke(false)).toBe("well");
  });

  it("makes room for a waiting invocation", async () => {
    const failing = Promise.allSettled(Array.from({ length: concurrency }, () => lambda.invoke(true)));
    while (processes.length < concurrency) await aWhile();
    const waiting = lambda.invoke(false);
    await killAll();
    await failing;
    expect(await waiting).toBe("well");
  });
});
