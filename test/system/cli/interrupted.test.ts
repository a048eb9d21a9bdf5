import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { bin } from "../../support/command.ts";
import { dataFolder, ending, gatepostJson, launch, serve } from "./support.ts";

interface Listed {
  keys: { box: string | null; revokedAt: string | null }[];
}

async function started() {
  const { url, admin } = await serve(await dataFolder());
  const remote = ["--url", url, "--token", admin];
  const keysOf = async (name: string) =>
    (await gatepostJson<Listed>("keys", "list", ...remote)).keys.filter(({ box }) => box?.startsWith(name));
  return { url, admin, remote, keysOf };
}

/** Asks a process to end, as Ctrl-C does, and gives its exit code and stderr. */
async function interrupted(child: ChildProcess) {
  const ended = ending(child);
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  return [code, stderr];
}

const said = [130, "gatepost: ended before it was done, as it was asked to\n"];

/** A server before another one. It never answers a request for the feed of changes. */
async function withSilentFeed(url: string): Promise<string> {
  const server = createServer((asked, answer) => {
    if (asked.url?.includes("order=received")) return;
    const { method, headers } = asked;
    const passedOn = request(new URL(asked.url ?? "/", url), { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    asked.pipe(passedOn);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("Ctrl-C", () => {
  it("Ctrl-C while `simulate` makes keys leaves no valid key", async () => {
    const { url, admin, keysOf } = await started();
    const child = launch([bin, "simulate", "--to", url, "--token", admin, "--boxes", "1000"]);
    await expect.poll(async () => (await keysOf("simulated")).length).toBeGreaterThan(3);
    expect(await interrupted(child)).toEqual(said);
    expect((await keysOf("simulated")).filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
  });

  it("Ctrl-C while `check` waits for a silent feed leaves no valid key", async () => {
    const { url, admin, keysOf } = await started();
    const child = launch([bin, "check", "--url", await withSilentFeed(url), "--token", admin]);
    await expect.poll(async () => (await keysOf("gatepost-check")).length).toBe(1);
    expect((await interrupted(child))[0]).toBe(130);
    expect(await keysOf("gatepost-check")).toMatchObject([{ revokedAt: expect.any(String) }]);
  });

  it("Ctrl-C while `demo --loop` runs leaves no folder", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "gatepost-interrupted-"));
    onTestFinished(() => rm(temporary, { recursive: true, force: true }));
    const child = launch([bin, "demo", "--loop", "--port", "0"], { TMPDIR: temporary });
    await once(child.stdout ?? child, "data");
    expect((await interrupted(child))[0]).toBe(130);
    expect(await readdir(temporary)).toEqual([]);
  });
});
