import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OrderSpool } from "../../../packages/bridge/src/acting/order-spool.ts";
import { keyOf, reportOf, se5Of, spoolIn, yamlOf } from "../../runtime/bridge/support.ts";
import { freePort } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { bin } from "../../support/command.ts";
import { temporary } from "../../unit/simulator/support.ts";
import { ending, gatepost, gatepostJson, gatepostProcess, launch, serve } from "../cli/support.ts";

async function configFile(changes: {
  cloud?: string;
  folder: string;
  boxes?: Record<string, string | null>;
  token?: (box: string) => string;
}) {
  const file = join(changes.folder, "bridge.yaml");
  writeFileSync(file, yamlOf({ cloud: "http://127.0.0.1:9", boxes: { "gate-1": null }, ...changes }));
  return file;
}

it("`bridge run` reports when it is ready, and shuts down on SIGTERM", async () => {
  const file = await configFile({ folder: await temporary() });
  const child = launch([bin, "bridge", "run", "--config", file]);
  const ended = ending(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^bridging, relay on port \d+, metrics on port \d+\n$/),
  });
});

it("`bridge run` reports an error in its file in one line, with its place", async () => {
  const folder = await temporary();
  const file = join(folder, "bridge.yaml");
  writeFileSync(file, "cloud:\n  url: nowhere\nboxes: [{ name: a, token: b }]\n");
  const { code, stderr } = await gatepost("bridge", "run", "--config", file);
  expect(code).toBe(1);
  expect(stderr).toContain("line 2: cloud.url: write the address of the cloud");
});

it("`bridge status` shows the spool even if no bridge runs", async () => {
  const folder = await temporary();
  const file = await configFile({ folder });
  const spool = await spoolIn(folder);
  await spool.append(reportOf("gate-1", "12345"));
  await spool.close();
  const status = await gatepostJson("bridge", "status", "--config", file);
  expect(status).toMatchObject({ running: false, boxes: [{ box: "gate-1", waiting: 1, bytes: 5 }] });
  expect((await gatepost("bridge", "status", "--config", file)).stdout).toContain("The bridge does not run here");
});

const actingOn = (folder: string) => {
  const people = "people: 127.0.0.1";
  const acting = `acting: { token: ${keyOf("gate-1").replace("gpi_", "gpr_")} }\n`;
  const yaml = yamlOf({ cloud: "http://127.0.0.1:9", folder, boxes: { "gate-1": null } });
  const file = join(folder, "bridge.yaml");
  writeFileSync(file, yaml.replace(" }\n", `, ${people} }\n`) + acting);
  return file;
};

it("`bridge status` shows the orders that wait for boxes", async () => {
  const folder = await temporary();
  mkdirSync(join(folder, "acting"));
  const orders = new OrderSpool(join(folder, "acting", "orders.db"), Date.now);
  const subject = { person: "1", name: null, type: null, group: null, photo: null };
  orders.take({ ref: "rem_1", number: 0, box: "gate-1", kind: "remove", subject, since: 0, orderedAt: 0 });
  orders.close();
  const file = actingOn(folder);
  expect(await gatepostJson("bridge", "status", "--config", file)).toMatchObject({
    running: false,
    acting: { mode: "review", waiting: 1 },
  });
  expect((await gatepost("bridge", "status", "--config", file)).stdout).toContain("1 order waits.");
});

it("a damaged spool is named, with what to do", async () => {
  const folder = await temporary();
  const spool = join(folder, "spool.db");
  writeFileSync(spool, "no database".repeat(1000));
  const { code, stderr } = await gatepostProcess("bridge", "run", "--config", actingOn(folder));
  expect(code).toBe(1);
  expect(stderr).toContain(`gatepost: ${spool} is damaged (file is not a database); move it away`);
});

it("a spool that cannot be opened is named, with what to do", async () => {
  const folder = await temporary();
  // In the way of the file that SQLite makes beside it, as a full disk is.
  mkdirSync(join(folder, "spool.db-wal"), { recursive: true });
  const { code, stderr } = await gatepostProcess("bridge", "run", "--config", actingOn(folder));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^gatepost: spool\.folder: .+\.db cannot be opened \(.+\); make room on its disk, or/m);
  expect(stderr).toContain(join(folder, "spool.db"));
});

it("a damaged file of orders is replaced and reported, and delays no report", async () => {
  const folder = await temporary();
  mkdirSync(join(folder, "acting"));
  writeFileSync(join(folder, "acting", "orders.db"), "no database".repeat(1000));
  const file = actingOn(folder);
  const yaml = readFileSync(file, "utf8");
  writeFileSync(file, yaml.replace(/^metrics: .*$/m, `metrics: 127.0.0.1:${await freePort()}`));
  const child = launch([bin, "bridge", "run", "--config", file]);
  const ended = ending(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  const { stdout } = await gatepost("bridge", "status", "--config", file);
  expect(stdout).toContain("orders.db was damaged (file is not a database) and is begun anew");
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining("orders are begun anew") });
});

it("`backfill` delivers the memory of a box, by the bridge's file", async () => {
  const folder = await temporary();
  const server = await serve(join(folder, "data"));
  const client = new Client(server);
  const { token } = await client.createKey("lobby");
  const { se5, site, address } = await se5Of("lobby");
  for (let count = 0; count < 5; count++) se5.passes(site.next());
  const file = await configFile({ folder, cloud: server.url, boxes: { lobby: address }, token: () => token });
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const to = new Date(Date.now() + 60_000).toISOString();
  const asked = ["backfill", "--config", file, "--box", "lobby", "--from", from, "--to", to, "--token", server.admin];
  expect(await gatepostJson(...asked)).toMatchObject({ delivered: 5, known: 0 });
  expect(await gatepostJson(...asked)).toMatchObject({ delivered: 0, known: 5 });
  expect(await client.events("&box=lobby")).toHaveLength(5);
});
