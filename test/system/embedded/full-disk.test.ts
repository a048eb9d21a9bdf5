import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../support/client.ts";
import { jpeg } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { missing } from "../../support/required.ts";

const { closers } = openedByTests();
const bin = fileURLToPath(new URL("../../../packages/cli/src/bin.mjs", import.meta.url));
const reason = missing("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/tmp"], "a mount of an ordinary user's own");

/**
 * A file system of `megabytes` in memory, which only the servers on it see: an ordinary user may mount one in a namespace
 * of its own. It is really full when it is full; its blocks are memory, so what a disk does with metadata and delayed
 * writes is not shown.
 */
async function smallDisk(megabytes: number) {
  const mount = await temporaryFolder();
  closers.push(mount.remove);
  // Each line that it reads has it start a server.
  const script = `mount -t tmpfs -o size=${megabytes}m none "$0" || exit
    while read -r _; do "$@" & echo "pid $!"; wait $!; echo ended; done`;
  const serve = [process.execPath, bin, "serve", "--host", "127.0.0.1", "--port", "0", "--data", `${mount.path}/data`];
  const shell = spawn("unshare", ["-rm", "sh", "-c", script, mount.path, ...serve]);
  const ended = once(shell, "exit");
  let log = "";
  shell.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const said = async (pattern: RegExp) => {
    for (;;) {
      const { value = "ended", done } = await lines.next();
      const found = pattern.exec(value)?.[1];
      if (found !== undefined) return found;
      if (done === true || value === "ended") throw new Error(`it ended before it said ${pattern}:\n${log}`);
    }
  };
  closers.push(async () => {
    shell.stdin.end();
    await ended;
  });
  const disk = `/proc/${shell.pid}/root${mount.path}`;
  return {
    disk,
    async start() {
      shell.stdin.write("\n");
      const pid = Number(await said(/^pid (\d+)$/));
      const url = await said(/^listening on (\S+)$/);
      let isRunning = true;
      const stop = async () => {
        if (isRunning) process.kill(pid, "SIGTERM");
        if (isRunning) await said(/^(ended)$/);
        isRunning = false;
      };
      closers.push(stop);
      const { token: admin } = JSON.parse(await readFile(join(disk, "data", "server.json"), "utf8")) as {
        token: string;
      };
      return { url, admin, stop };
    },
  };
}

/** Writes a file until nothing more fits. */
async function fillUp(path: string): Promise<void> {
  await using file = await open(path, "a");
  for (const bytes of [1024 * 1024, 4096]) {
    for (;;) {
      const written = await file.write(Buffer.alloc(bytes, 1)).catch(() => null);
      if (written === null || written.bytesWritten < bytes) break;
    }
  }
}

it.skipIf(reason !== null)(
  "on a full disk keys are revoked, events and people are erased, again and again, while reports wait",
  async () => {
    const { disk, start } = await smallDisk(32);
    const { url, admin } = await start();
    const reserve = join(disk, "data", "reserve");
    await expect.poll(async () => existsSync(reserve) && (await stat(reserve)).size).toBe(8 * 1024 * 1024);
    const client = new Client({ url, admin });
    const box = new Box(url, (await client.createKey("gate-1")).token);
    const keys = await Promise.all(Array.from({ length: 20 }, (_, n) => client.createKey(`other-${n}`)));
    const post = async (n: number) => {
      const face = Buffer.concat([jpeg(n), Buffer.alloc(40_000, n)]).toString("base64");
      const person = n % 2 === 0 ? {} : { identity_id: `person ${n}` };
      return (await box.post("/HistoryEvent", history({ timestamp: noon + n, ...person }, { recognize_face: face })))
        .status;
    };
    for (let n = 0; n < 40; n++) expect(await post(n)).toBe(200);
    await fillUp(join(disk, "filler"));
    let refused = 0;
    for (let n = 40; n < 140 && refused < 5; n++) if ((await post(n)) === 503) refused += 1;
    expect(refused).toBe(5);

    const ask = async (path: string) =>
      (await fetch(url + path, { method: "DELETE", headers: { authorization: `Bearer ${admin}` } })).status;
    for (const { id, token } of keys) {
      expect(await ask(`/v1/keys/${id}`)).toBe(204);
      expect((await new Box(url, token).post("/HistoryEvent", history())).status).toBe(401);
      // A log that was copied has left its room to whoever comes first.
      await fillUp(join(disk, "filler"));
      expect(await post(999)).toBe(503);
    }
    const events = await client.events();
    const known = events.filter(({ person }) => person.id?.startsWith("person "));
    expect(known.length).toBeGreaterThan(10);
    for (const { person } of known) expect(await ask(`/v1/people?box=gate-1&id=${person.id}`)).toBe(200);
    for (const { id } of events)
      if (!known.some((one) => one.id === id)) expect(await ask(`/v1/events/${id}`)).toBe(204);
    expect(await client.events()).toEqual([]);

    await rm(join(disk, "filler"));
    for (let n = 200; n < 210; n++) expect(await post(n)).toBe(200);
  },
);

it.skipIf(reason !== null)("on a full disk a server that was stopped starts again, and keys are revoked", async () => {
  const { disk, start } = await smallDisk(32);
  const first = await start();
  const reserve = join(disk, "data", "reserve");
  await expect.poll(async () => existsSync(reserve) && (await stat(reserve)).size).toBe(8 * 1024 * 1024);
  const { id } = await new Client(first).createKey("gate-1");
  await first.stop();
  await fillUp(join(disk, "filler"));
  const { url, admin } = await start();
  const headers = { authorization: `Bearer ${admin}` };
  expect((await fetch(`${url}/v1/keys/${id}`, { method: "DELETE", headers })).status).toBe(204);
});
