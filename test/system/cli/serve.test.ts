import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findRunning } from "../../../packages/cli/src/runtime/running.ts";
import { bin } from "../../support/command.ts";
import { dial, headOf } from "../../support/dial.ts";
import { missing } from "../../support/required.ts";
import {
  dataFolder,
  ending,
  gatepost,
  gatepostJson,
  gatepostProcess,
  launch,
  serve,
  serveProcess,
  startLines,
} from "./support.ts";

const report = JSON.stringify({ identity_id: "7", timestamp: 1_793_851_200_000, ext_data: { ep_id: "A__10.0.0.2" } });
const success = '{"message":"SUCCESS","status":0}';

it("a second server on a folder is refused, and the first keeps running", async () => {
  const data = await dataFolder();
  const first = await serve(data);
  const second = await gatepostProcess("serve", "--data", data, "--port", "0");
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(/^gatepost: another Gatepost uses [^\n]*\n$/);
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
  expect(await gatepostJson("keys", "list", "--data", data)).toHaveProperty("keys.length", 1);
});

it("a taken port is named, no keys are made, and the folder is free again", async () => {
  const data = await dataFolder();
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const refused = await gatepostProcess("serve", "--data", data, "--host", "127.0.0.1", "--port", `${port}`);
  other.close();
  expect(refused).toMatchObject({
    code: 1,
    stderr: `gatepost: cannot listen on http://127.0.0.1:${port}: another program listens there; choose another with --port\n`,
  });
  expect(await gatepostJson("keys", "list", "--data", data)).toEqual({ keys: [] });
});

it("an unusable metrics address is named with the reason, and the folder is free", async () => {
  const data = await dataFolder();
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const withMetrics = (at: string) => gatepost("serve", "--data", data, "--port", "0", "--metrics", at);
  const taken = await withMetrics(`127.0.0.1:${port}`);
  other.close();
  expect([taken.code, taken.stderr]).toEqual([
    1,
    `gatepost: cannot listen on http://127.0.0.1:${port}: another program listens there; choose another with --metrics\n`,
  ]);
  const nowhere = await withMetrics("203.0.113.1:9529");
  expect(nowhere.stderr).toMatch(/: this machine does not have the address; choose another with --metrics\n$/);
  expect(await gatepostJson("keys", "list", "--data", data)).toEqual({ keys: [] });
});

it.each(["SIGTERM", "SIGINT"] as const)("finishes requests in flight on %s, and takes no new ones", async (signal) => {
  const data = await dataFolder();
  const server = await serveProcess(data);
  const { token } = await gatepostJson<{ token: string }>(
    "keys",
    "create",
    "--scope",
    "ingest",
    "--box",
    "a",
    "--data",
    data,
  );
  const length = `Content-Length: ${report.length}`;
  const head = headOf("POST", `/${token}/HistoryEvent`, length, "Expect: 100-continue");
  const { socket, received, closed } = await dial(Number(new URL(server.url).port), head);
  await expect.poll(received).toMatch(/^HTTP\/1.1 100 Continue/);
  const stopped = server.stop(signal);
  const health = () =>
    fetch(`${server.url}/healthz`).then(
      ({ status }) => status,
      () => "nobody there",
    );
  await expect.poll(health).toBe("nobody there");
  socket.write(report);
  await closed;
  expect(received()).toMatch(/HTTP\/1.1 200 /);
  expect(received().endsWith(success)).toBe(true);
  expect((await stopped).code).toBe(0);
  await expect(stat(join(data, "server.json"))).rejects.toThrow("ENOENT");
});

it("continues after a SIGHUP without a terminal, as under nohup, and logs it", async () => {
  const { child, url, stop } = await serveProcess(await dataFolder());
  child.kill("SIGHUP");
  // The signal is handled before the next connection, so this request is answered after it.
  await expect.poll(async () => (await fetch(`${url}/healthz`)).status).toBe(200);
  const { code, stderr } = await stop();
  expect([code, stderr]).toEqual([0, expect.stringContaining('"message":"SIGHUP ignored')]);
});

const noTerminal = missing("script", ["-qec", "true", "/dev/null"], "script of util-linux");

it.skipIf(noTerminal !== null)("ends in order if its terminal is closed", async () => {
  const data = await dataFolder();
  const command = [process.execPath, bin, "serve", "--host", "127.0.0.1", "--port", "0", "--data", data].join(" ");
  const terminal = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void terminal.kill("SIGKILL"));
  await startLines(terminal, ending(terminal));
  expect(await findRunning(data)).not.toBeNull();
  terminal.kill("SIGKILL");
  await expect.poll(() => findRunning(data)).toBeNull();
});

it("the file with address and key is readable by its owner only", async () => {
  const data = await dataFolder();
  await serve(data);
  expect((await stat(join(data, "server.json"))).mode & 0o777).toBe(0o600);
});

it("reports without a key are taken only with --open, as box `open`, with a warning", async () => {
  const data = await dataFolder();
  const server = await serveProcess(data, "--open");
  const answer = await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: report });
  expect(await answer.text()).toBe(success);
  const { stderr } = await server.stop();
  expect(stderr).toContain('"level":"warn","message":"open: ');
  const closed = await serve(data);
  expect((await fetch(`${closed.url}/HistoryEvent`, { method: "POST", body: report })).status).toBe(401);
});

it("refuses bodies over --max-body", async () => {
  const server = await serveProcess(await dataFolder(), "--open", "--max-body", "1kb");
  const answer = await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: "x".repeat(1025) });
  expect(answer.status).toBe(413);
});

it("keeps running if its output is not read", async () => {
  const data = await dataFolder();
  const child = launch([bin, "serve", "--data", data, "--port", "0"]);
  child.stdout?.destroy();
  const ended = ending(child);
  await expect.poll(() => stat(join(data, "server.json"))).toBeDefined();
  // It makes its keys to print them.
  await expect.poll(() => gatepostJson("keys", "list", "--data", data)).toHaveProperty("keys.length", 2);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});
