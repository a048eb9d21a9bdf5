import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { Client } from "../../support/client.ts";
import { dataFolder, gatepost, gatepostProcess, serve } from "../cli/support.ts";

async function server() {
  const running = await serve(await dataFolder());
  return { ...running, client: new Client(running) };
}

it("`simulate` with an admin key makes and later revokes a key per box", async () => {
  const { url, admin, client } = await server();
  const options = ["--boxes", "3", "--rate", "20", "--for", "2", "--seed", "7"];
  const { code, stdout } = await gatepostProcess("simulate", "--to", url, "--token", admin, ...options);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^--seed 7\n/);
  expect(stdout).toMatch(/waiting 0\n$/);
  const events = await client.events();
  expect(events.length).toBeGreaterThan(10);
  expect(new Set(events.map(({ box }) => box.id))).toEqual(new Set(["simulated-1", "simulated-2", "simulated-3"]));
  const { keys } = (await (await client.get("/v1/keys")).json()) as {
    keys: { box: string | null; revokedAt: string | null }[];
  };
  const simulated = keys.filter(({ box }) => box?.startsWith("simulated"));
  expect(simulated.every(({ revokedAt }) => revokedAt !== null)).toBe(true);
});

it("`simulate --once` delivers one passing of now and ends", async () => {
  const { url, client } = await server();
  const { token } = await client.createKey("gate-1");
  const { code, stdout } = await gatepost("simulate", "--to", `${url}/${token}`, "--once", "--seed", "1");
  expect([code, stdout]).toEqual([0, "Lucia Keller passed just now\n"]);
  const events = await client.events();
  expect(events.map(({ person, flags }) => [person.name, flags])).toEqual([["Lucia Keller", []]]);
});

it.each(["hikvision", "dahua", "uniview", "zkteco"])(
  "`simulate --once --kind %s` delivers one passing",
  async (kind) => {
    const { url, admin, client } = await server();
    const options = ["--token", admin, "--once", "--seed", "1", "--kind", kind];
    const { code, stdout } = await gatepost("simulate", "--to", url, ...options);
    expect([code, stdout]).toEqual([0, "Lucia Keller passed just now\n"]);
    const events = await client.events();
    expect(events.map(({ box, person, result, flags }) => [box.id, person.id !== null, result, flags])).toEqual([
      ["simulated-1", true, "granted", []],
    ]);
  },
);

it.each([
  [["--kind", "se5"], "--once is for boxes that post"],
  [["--for", "1"], "leave --boxes and --for out"],
  [["--boxes", "2"], "leave --boxes and --for out"],
])("`simulate --once %s` is called wrongly", async (options, why) => {
  const { code, stderr } = await gatepost("simulate", "--to", "http://127.0.0.1:1/gpi_a", "--once", ...options);
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
});

it("`simulate` with the key of one box is that box", async () => {
  const { url, client } = await server();
  const { token } = await client.createKey("gate-1");
  await gatepost("simulate", "--to", `${url}/${token}`, "--rate", "10", "--for", "1");
  expect((await client.events()).every(({ box }) => box.id === "gate-1")).toBe(true);
});

it("`simulate` with the key of one box ignores the environment's key", async () => {
  const { url, client, admin } = await server();
  const { token } = await client.createKey("gate-1");
  onTestFinished(() => void delete process.env["GATEPOST_TOKEN"]);
  for (const key of [admin, ""]) {
    process.env["GATEPOST_TOKEN"] = key;
    const { code, stderr } = await gatepost("simulate", "--to", `${url}/${token}`, "--rate", "10", "--for", "1");
    expect([code, stderr]).toEqual([0, ""]);
  }
  expect((await client.events()).every(({ box }) => box.id === "gate-1")).toBe(true);
  const { records } = (await (await client.get("/v1/quarantine")).json()) as { records: unknown[] };
  expect(records).toEqual([]);
});

/** A Gatepost that makes keys, and does not revoke the first of them. */
async function serverThatKeepsAKey() {
  const revoked: string[] = [];
  let made = 0;
  const listening = createServer(({ method, url = "" }, response) => {
    if (method === "DELETE") revoked.push(url);
    if (url === "/v1/keys") {
      made += 1;
      const key = { id: `key_${made}`, scope: "ingest", box: `simulated-${made}`, token: `gpi_${made}` };
      response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(key));
    } else if (url === "/v1/keys/key_1") {
      response.writeHead(503, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ type: "about:blank", title: "", status: 503, detail: "the disk is full" }));
    } else response.writeHead(method === "DELETE" ? 204 : 200).end();
  });
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => {
    listening.close();
    listening.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, revoked };
}

it("`simulate` revokes the other keys if one fails, and names that one", async () => {
  const { url, revoked } = await serverThatKeepsAKey();
  const options = ["--token", `gpa_${"x".repeat(27)}`, "--boxes", "3", "--for", "1"];
  const { code, stderr } = await gatepost("simulate", "--to", url, ...options);
  expect([code, stderr]).toEqual([1, "gatepost: keys that were made are not revoked: key_1: the disk is full\n"]);
  expect(new Set(revoked)).toEqual(new Set(["/v1/keys/key_1", "/v1/keys/key_2", "/v1/keys/key_3"]));
});

it("`simulate` with a bad key ends with 401 and advice", async () => {
  const { url, client } = await server();
  const bad = await gatepost("simulate", "--to", `${url}/gpi_${"x".repeat(27)}`, "--for", "1");
  const advice = "make one with `gatepost keys create --scope ingest --box NAME`, or give an admin key with --token";
  expect(bad).toEqual({ code: 1, stdout: "", stderr: `gatepost: 401: no live key of a box is in --to; ${advice}\n` });
  expect((await gatepost("simulate", "--to", url, "--for", "1")).stderr).toContain("401: ");
  expect(await client.events()).toEqual([]);
});

it("`simulate` reports an absent server, without the key, and keeps running", async () => {
  const { url, client, stop } = await server();
  const { token } = await client.createKey("gate-1");
  await stop();
  // An SE5 sends nothing by itself, so nothing waits at the end.
  const { code, stderr } = await gatepost("simulate", "--to", `${url}/${token}`, "--kind", "se5", "--for", "1");
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^! cannot reach \S+: .*is it running there\?\n$/)]);
  expect(stderr).not.toContain(token);
});

it("`simulate` reports an invalid admin key", async () => {
  const { url } = await server();
  const { code, stdout, stderr } = await gatepost("simulate", "--to", url, "--token", "gpa_x", "--for", "1");
  expect([code, stdout, stderr]).toEqual([
    1,
    "",
    expect.stringMatching(/^gatepost: \S+ does not know the key[^\n]+\n$/),
  ]);
});

it.each([
  [["--to", "nowhere"], "--to must be as"],
  [["--to", "ftp://127.0.0.1/gpi_x"], "--to must be as"],
  [["--to", "http://127.0.0.1:9/gpi_x", "--boxes", "0"], "--boxes must be 1 at least"],
  [["--to", "http://127.0.0.1:9/gpi_x", "--rate", "0"], "It must be a number up to 1000"],
  [["--to", "http://127.0.0.1:9/x", "--boxes", "2"], "each box needs its own key"],
  [["--to", "http://127.0.0.1:9/x", "--fault", "cutt=1"], "It must be one of cut"],
  [["--to", "http://127.0.0.1:9/x", "--dialect", "V9"], "Allowed choices are V2R2"],
])("`simulate %j` reports its wrong usage", async (args, message) => {
  const { code, stderr } = await gatepost("simulate", ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

it("`demo` serves, and shows within 10 s something that moved", async () => {
  const { code, stdout } = await gatepostProcess("demo", "--port", "0", "--for", "8");
  expect(code).toBe(0);
  expect(stdout).toMatch(/#setup=gps_/);
  const [first] = /sent \d+ {2}accepted [1-9]\d*/.exec(stdout) ?? [];
  expect(first).toBeDefined();
  expect(stdout).toMatch(/^lost: a real-time report that was not answered within 0\.5 s\. [^\n]+history report/m);
});
