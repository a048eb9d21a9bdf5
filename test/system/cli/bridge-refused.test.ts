import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { keyOf, reportOf, spoolIn, yamlOf } from "../../runtime/bridge/support.ts";
import { bodyOf, listen } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { history } from "../../support/reports.ts";
import { atEnd, temporary } from "../../unit/simulator/support.ts";
import { bridgeOf } from "../bridge/process.ts";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

interface Listed {
  refused: { id: number; box: string; at: string; bytes: number; path: string; reason: string }[];
  total: number;
}

async function configOf(changes: { cloud?: string; boxes?: string[]; inSpool?: string; token?: string } = {}) {
  const { cloud = "http://127.0.0.1:9", boxes = ["gate-1"], token, inSpool = "" } = changes;
  const folder = await temporary();
  const file = join(folder, "bridge.yaml");
  const written = Object.fromEntries(boxes.map((name) => [name, null]));
  await writeFile(
    file,
    yamlOf({ cloud, folder: join(folder, "spool"), boxes: written, inSpool, token: () => token ?? keyOf("gate-1") }),
  );
  return { file, folder: join(folder, "spool") };
}

/** A side list as a bridge that ran before has left it. */
async function filled(bodies: Record<string, string | Uint8Array>, inSpool = "") {
  const { file, folder } = await configOf({ inSpool });
  await mkdir(folder);
  const spool = await spoolIn(folder);
  for (const [name, body] of Object.entries(bodies)) {
    const box = name.replace(/#.*/, "");
    await spool.append(reportOf(box, body));
    const report = await spool.nextWhole(box);
    if (report !== null) await spool.settle(report, [{ body: report.body, reason: "403 no" }]);
  }
  const run = (...args: string[]) => gatepost("bridge", "refused", ...args, "--config", file);
  const runJson = <Answer>(...args: string[]) => gatepostJson<Answer>("bridge", "refused", ...args, "--config", file);
  return { file, folder, spool, run, runJson };
}

it("a report refused by a proxy is shown and sent again beside the running bridge", async () => {
  const server = await serve(await dataFolder());
  const client = new Client(server);
  const { token } = await client.createKey("gate-1");
  const state = { refuses: true };
  const before = await listen(async (request, response) => {
    const body = await bodyOf(request);
    if (request.method === "POST" && state.refuses) return void response.writeHead(403).end("blocked by a firewall");
    const { method = "GET" } = request;
    const answer = await fetch(`${server.url}${request.url}`, { method, ...(method === "POST" ? { body } : {}) });
    response.writeHead(answer.status).end(await answer.text());
  });
  atEnd(before.close);
  const { file } = await configOf({ cloud: before.url, token });
  const bridge = await bridgeOf(file);
  const status = () => gatepostJson<{ boxes: object[] }>("bridge", "status", "--config", file);
  const sent = JSON.stringify(history());
  await fetch(`http://127.0.0.1:${bridge.relayPort}/${token}/HistoryEvent`, { method: "POST", body: sent });
  await expect.poll(async () => (await status()).boxes[0]).toMatchObject({ waiting: 0, aside: 1 });
  const { refused, total } = await gatepostJson<Listed>("bridge", "refused", "list", "--config", file);
  expect([refused, total]).toEqual([
    [
      {
        id: 1,
        box: "gate-1",
        at: expect.stringMatching(/Z$/),
        bytes: Buffer.byteLength(sent),
        path: "/HistoryEvent",
        reason: "403 blocked by a firewall",
      },
    ],
    1,
  ]);
  expect((await gatepost("bridge", "refused", "show", "1", "--config", file)).stdout).toBe(sent);
  state.refuses = false;
  expect(await gatepostJson("bridge", "refused", "send", "1", "--config", file)).toEqual({ sent: 1 });
  await expect.poll(async () => (await client.events()).length).toBe(1);
  expect((await status()).boxes[0]).toMatchObject({ aside: 0, refused: 1, lastError: null });
});

it("a list has at most its limit, and gives the number of older ones", async () => {
  const { run, runJson } = await filled({ "gate-1#1": "a", "gate-1#2": "b", "gate-2": "c" });
  const { stdout } = await run("list", "--limit", "2");
  expect(stdout).toMatch(
    /^ID +REFUSED +BOX +PATH +BYTES +REASON\n3 .*gate-2 .*\n2 .*gate-1 .*\n1 older one is not shown; see --limit\n$/,
  );
  expect(await runJson<Listed>("list", "--box", "gate-1", "--limit", "1")).toMatchObject({
    refused: [{ id: 2 }],
    total: 2,
  });
});

it("a body is shown byte for byte, in a file or as JSON", async () => {
  const bytes = Buffer.from([0xff, 0, 0x1b, 0x5b, 0x0a]);
  const { folder, run, runJson } = await filled({ "gate-1#1": bytes, "gate-1#2": '{"name":"小明"}' });
  const out = join(folder, "..", "body");
  expect(await run("show", "1", "--out", out)).toMatchObject({ code: 0, stdout: `5 bytes are in ${out}.\n` });
  expect(await readFile(out)).toEqual(bytes);
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  const facts = { box: "gate-1", path: "/HistoryEvent", contentType: "application/json", reason: "403 no" };
  expect(await runJson("show", "1")).toMatchObject({ ...facts, bodyBase64: bytes.toString("base64") });
  expect(await runJson("show", "2")).toMatchObject({ ...facts, body: '{"name":"小明"}' });
});

it("some, all, or a box's refused reports are sent again; a failure is named", async () => {
  const { run, runJson, spool } = await filled({ "gate-1#1": "a", "gate-1#2": "b", "gate-1#3": "c", gone: "d" });
  const { code, stdout, stderr } = await run("send", "7", "2", "4");
  expect([code, stdout]).toEqual([1, "1 will be delivered again.\n"]);
  expect(stderr).toBe(
    "gatepost: not sent: 4: box gone is not in the file, so no bridge would send it; 7: there is no such report; list them\n",
  );
  expect(await runJson("send", "--box", "gate-1")).toEqual({ sent: 2 });
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 3, aside: 0 });
  expect(await runJson("drop", "--all")).toEqual({ dropped: 1 });
  expect(await runJson("list")).toEqual({ refused: [], total: 0 });
});

it("sending a report again drops no waiting report", async () => {
  const large = new Uint8Array(70 * 1024 * 1024);
  const { run, spool } = await filled(
    { "gate-1#1": large, "gate-1#2": large, "gate-1#3": "small" },
    "  max_bytes: 128mb",
  );
  const { code, stdout, stderr } = await run("send", "--all");
  expect([code, stdout]).toEqual([1, "1 will be delivered again.\n"]);
  expect(stderr).toMatch(/^gatepost: not sent: 2, 3: the spool has no room; [^\n]+\n$/);
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, aside: 2, "dropped-space": 0 });
});

it("sending or dropping needs ids, a box, or all, and only one of these", async () => {
  const { file, run } = await filled({ "gate-1": "a" });
  for (const what of ["send", "drop"]) {
    const asked = { code: 2, stdout: "", stderr: `gatepost: give the ids to ${what}, or --box, or --all\n` };
    for (const ways of [[], ["1", "--all"], ["--box", "gate-1", "--all"]])
      expect(await run(what, ...ways)).toEqual(asked);
  }
  expect(await run("show", "x")).toMatchObject({ code: 2, stdout: "" });
  expect(await run("show", "9")).toEqual({
    code: 1,
    stdout: "",
    stderr: "gatepost: there is no such report; list them\n",
  });
  const { file: fresh } = await configOf();
  expect((await gatepost("bridge", "refused", "list", "--config", fresh)).stderr).toContain("no bridge has run with");
  expect(file).not.toBe(fresh);
});
