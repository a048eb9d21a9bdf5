import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { secretKey, webhookHeaders } from "../../../../packages/embedded/src/bus/signature.ts";
import { clockedRuntime } from "../../../runtime/embedded/bus/clocked-runtime.ts";
import { blocks } from "../../../runtime/embedded/bus/document.ts";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { freePort } from "../../../standins/listen.ts";
import { missing } from "../../../support/required.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

const python = missing("python3", ["--version"], "Python 3");

describe("the document of the bus has a subscriber", () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function run(program: string, file: string, code: string): Promise<{ url: string; said: string[] }> {
    const folder = await temporaryFolder();
    undo.push(() => folder.remove());
    await writeFile(join(folder.path, file), code);
    const port = await freePort();
    const env = { ...process.env, WEBHOOK_SECRET: secret, PORT: `${port}` };
    const child = spawn(program, [join(folder.path, file)], { env, stdio: ["ignore", "pipe", "ignore"] });
    undo.push(() => ended(child));
    const said: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => said.push(line));
    await expect.poll(() => accepts(port)).toBe(true);
    return { url: `http://127.0.0.1:${port}`, said };
  }

  async function serves({ url, said }: { url: string; said: string[] }): Promise<void> {
    const deps = await clockedRuntime();
    undo.push(() => deps.close());
    const pattern = { detail: { want_action: ["1001"] } };
    await deps.setRules([{ name: "a", pattern, target: { url, secret } }]);
    deps.setClock(Date.now());
    const { id } = await deps.announce("a");
    await deps.settle();
    await expect.poll(() => said).toEqual([`register-stranger 小明 ${id}`]);
    expect(deps.logged.filter(({ level }) => level !== "info")).toEqual([]);

    const body = JSON.stringify({ detail: { action: "x", event: { person: { name: "y" } } } });
    const post = (headers: Record<string, string>) => fetch(url, { method: "POST", body, headers });
    const keys = [secretKey(secret)].filter((key) => key !== null);
    const now = Date.now();
    expect((await post(webhookHeaders({ id, at: now, body }, keys))).status, "a repeat").toBe(204);
    expect((await post(webhookHeaders({ id: "b", at: now, body }, [Buffer.from("other")]))).status, "a forgery").toBe(
      401,
    );
    expect((await post(webhookHeaders({ id: "c", at: now, body }, []))).status, "no signature").toBe(401);
    expect((await post(webhookHeaders({ id: "d", at: now - 400_000, body }, keys))).status, "an old one").toBe(401);
    expect(said).toHaveLength(1);
    expect((await post(webhookHeaders({ id: "e", at: now, body }, keys))).status).toBe(204);
    await expect.poll(() => said.at(-1)).toBe("x y e");
    const ofBox = JSON.stringify({ "detail-type": "Box Silent", detail: { box: { id: "gate-1" } } });
    const silent = { method: "POST", body: ofBox, headers: webhookHeaders({ id: "f", at: now, body: ofBox }, keys) };
    expect((await fetch(url, silent)).status, "what is of a box").toBe(204);
    const [other, both] = [Buffer.from("other"), [Buffer.from("new"), ...keys]];
    expect((await post(webhookHeaders({ id: "a", at: now, body }, both))).status, "a second signature").toBe(204);
    expect((await post(webhookHeaders({ id: "g", at: now, body }, [other, other]))).status, "two others").toBe(401);
    for (const broken of ["", "{", "null", "[]", '{"detail":null}', '{"detail":{"event":null}}']) {
      const headers = webhookHeaders({ id: `broken ${broken.length}`, at: now, body: broken }, keys);
      await fetch(url, { method: "POST", headers, body: broken }).catch(() => undefined);
    }
    expect((await post(webhookHeaders({ id: "h", at: now, body }, both))).status, "after odd ones").toBe(204);
    expect(await deps.runtime.bus.ping("a"), "the test of the console").toMatchObject({ status: 204 });
  }

  it("short enough, that verifies, drops repeats and survives interrupted requests in TypeScript", async () => {
    const [code = ""] = blocks("ts");
    expect(code.trim().split("\n").length).toBeLessThanOrEqual(23);
    const subscriber = await run(process.execPath, "subscriber.mts", code);
    const cut = createConnection(Number(new URL(subscriber.url).port));
    await once(cut, "connect");
    cut.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n");
    await once(cut, "data");
    cut.resetAndDestroy();
    await serves(subscriber);
  });

  it.skipIf(python !== null)(`short enough, that does the same in Python ${python ?? ""}`, async () => {
    const [code = ""] = blocks("python");
    expect(code.trim().split("\n").length).toBeLessThanOrEqual(23);
    await serves(await run("python3", "subscriber.py", code));
  });
});

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.end());
  });
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill();
  await exit;
}
