import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Mosquitto, withoutMosquitto } from "../../standins/mosquitto.ts";
import { Box, Client } from "../../support/client.ts";
import { bin } from "../../support/command.ts";
import { jpeg } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { fillUp, noSmallDisk, smallDisk } from "../../support/small-disk.ts";
import { gatepostProcess } from "../cli/support.ts";

const { closers } = openedByTests();

/** A small disk with a server on it. */
async function smallServer(megabytes: number, options = "") {
  const mount = await temporaryFolder();
  closers.push(mount.remove);
  const serve = [process.execPath, bin, "serve", "--host", "127.0.0.1", "--port", "0", "--data", `${mount.path}/data`];
  const { disk, start, end, log, inside } = await smallDisk(megabytes, mount.path, serve, options);
  closers.push(end);
  return {
    disk,
    log,
    inside: (script: string) => inside(`cd "${mount.path}"; ${script}`),
    async start() {
      const { found: url, pid, stop } = await start(/^listening on (\S+)$/);
      closers.push(async () => void (await stop()));
      const { token: admin } = JSON.parse(await readFile(join(disk, "data", "server.json"), "utf8")) as {
        token: string;
      };
      return { url, admin, pid, stop };
    },
  };
}

it.skipIf(noSmallDisk !== null)("a full disk lets keys be revoked and data be erased, repeatedly", async () => {
  const { disk, start } = await smallServer(32);
  const { url, admin } = await start();
  const reserve = join(disk, "data", "reserve");
  await expect.poll(async () => existsSync(reserve) && (await stat(reserve)).size).toBe(8 * 1024 * 1024);
  const client = new Client({ url, admin });
  const box = new Box(url, (await client.createKey("gate-1")).token);
  const keys = await Promise.all(Array.from({ length: 20 }, (_, n) => client.createKey(`other-${n}`)));
  const post = async (n: number) => {
    const face = Buffer.concat([jpeg(n), Buffer.alloc(40_000, n)]).toString("base64");
    const person = n % 2 === 0 ? {} : { identity_id: `person ${n}` };
    return (await box.postOnce("/HistoryEvent", history({ timestamp: noon + n, ...person }, { recognize_face: face })))
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
    // A log that was copied has left its room to the next writer.
    await fillUp(join(disk, "filler"));
    expect(await post(999)).toBe(503);
  }
  const events = await client.events();
  const known = events.filter(({ person }) => person.id?.startsWith("person "));
  expect(known.length).toBeGreaterThan(10);
  for (const { person } of known) expect(await ask(`/v1/people?box=gate-1&id=${person.id}`)).toBe(200);
  for (const { id } of events) if (!known.some((one) => one.id === id)) expect(await ask(`/v1/events/${id}`)).toBe(204);
  expect(await client.events()).toEqual([]);

  await rm(join(disk, "filler"));
  for (let n = 200; n < 210; n++) expect(await post(n)).toBe(200);
});

it.skipIf(noSmallDisk !== null)("a stopped server starts again on a full disk, and keys are revoked", async () => {
  const { disk, start } = await smallServer(32);
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

/** A program that reads the database and says its process id, until it is ended. */
const reading = `
  const database = new (require("node:sqlite").DatabaseSync)("data/gatepost.db");
  database.exec("BEGIN; SELECT count(*) FROM keys");
  console.log(process.pid);
  setInterval(() => database, 1000);`;

it.skipIf(noSmallDisk !== null)("a server with a large log restarts on a full disk, and revokes keys", async () => {
  const { disk, inside, start } = await smallServer(64);
  const first = await start();
  const client = new Client(first);
  const { id, token } = await client.createKey("gate-1");
  const others = await Promise.all([1, 2, 3, 4].map((n) => client.createKey(`other-${n}`)));
  for (const { token } of others)
    expect((await new Box(first.url, token).post("/HistoryEvent", history())).status).toBe(200);
  // While a reader uses an earlier state, no later page is copied into the database.
  inside(`"${process.execPath}" -e '${reading}' >reader 2>&1 &`);
  const reader = async () => Number(await readFile(join(disk, "reader"), "utf8"));
  await expect.poll(reader).toBeGreaterThan(0);
  for (let n = 0; n < 12; n++) await new Box(first.url, token).post("/HistoryEvent", `{ ${n} ${"x".repeat(1_000_000)}`);
  const quarantined = async (server: { url: string; admin: string }) =>
    (await new Client(server).get("/v1/quarantine")).json();
  const kept = await quarantined(first);
  await fillUp(join(disk, "filler"));
  await first.stop("SIGKILL");
  process.kill(await reader());
  expect((await stat(join(disk, "data", "gatepost.db-wal"))).size).toBeGreaterThan(10_000_000);
  const second = await start();
  const headers = { authorization: `Bearer ${second.admin}` };
  const remove = async (path: string) => (await fetch(second.url + path, { method: "DELETE", headers })).status;
  expect(await remove(`/v1/keys/${id}`)).toBe(204);
  const events = await new Client(second).events();
  expect(events).toHaveLength(4);
  const last = events.pop();
  // Erased data is still in the log, which the database has no room for.
  for (const event of events) {
    const refused = await fetch(`${second.url}/v1/events/${event.id}`, { method: "DELETE", headers });
    const detail = "the disk is full: make room for the data folder";
    expect(await refused.json()).toMatchObject({ status: 503, detail });
  }
  expect(await new Client(second).events()).toMatchObject([{ id: last?.id }]);
  // Erasures and their notes leave half of the reserved room to the revoking of a key.
  await truncate(join(disk, "data", "reserve"), 3_000_000);
  await fillUp(join(disk, "filler"));
  for (let n = 0; n < 30; n++) expect(await remove(`/v1/events/${last?.id}`)).toBe(503);
  expect(await new Client(second).events()).toMatchObject([{ id: last?.id }]);
  expect((await stat(join(disk, "data", "reserve"))).size).toBe(3_000_000);
  for (const other of others) expect(await remove(`/v1/keys/${other.id}`)).toBe(204);
  expect(await second.stop()).toBe(0);
  await rm(join(disk, "filler"));
  const third = await start();
  for (const key of [token, ...others.map((other) => other.token)])
    expect((await new Box(third.url, key).post("/HistoryEvent", history())).status).toBe(401);
  expect(await new Client(third).events()).toMatchObject([{ id: last?.id }]);
  expect(await quarantined(third)).toEqual(kept);
});

it.skipIf(noSmallDisk !== null)("a disk without free inodes is reported by /healthz and in the log", async () => {
  const { disk, log, start } = await smallServer(64, ",nr_inodes=64");
  const { url, admin } = await start();
  const box = new Box(url, (await new Client({ url, admin }).createKey("gate-1")).token);
  const post = async () =>
    (await box.postOnce("/HistoryEvent", history({}, { recognize_face: jpeg(1).toString("base64") }))).status;
  const health = async () => (await fetch(`${url}/healthz`)).json();
  const fillers = Array.from({ length: 64 }, (_, n) => join(disk, `filler-${n}`));
  const made = (await Promise.allSettled(fillers.map((file) => writeFile(file, "")))).filter(
    ({ status }) => status === "fulfilled",
  );
  expect(made.length).toBeLessThan(64);

  expect(await post()).toBe(503);
  const detail = "no file can be made on the disk, because its inodes are used up: remove files there";
  expect(await health()).toMatchObject({ detail });
  const lines = () =>
    log()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  expect(lines()).toContainEqual(
    expect.objectContaining({ level: "error", message: "nothing can be stored", reason: detail }),
  );

  await Promise.all(fillers.map((file) => rm(file, { force: true })));
  expect(await post()).toBe(200);
  expect(await health()).toEqual({ status: "ok" });
  expect(lines()).toContainEqual(expect.objectContaining({ level: "info", message: "reports can be stored again" }));
});

it.skipIf(noSmallDisk !== null)(
  "a server on a disk that becomes read-only ends with one sentence, losing nothing",
  async () => {
    const { log, inside, start } = await smallServer(32);
    const { url, admin, pid, stop } = await start();
    const box = new Box(url, (await new Client({ url, admin }).createKey("gate-1")).token);
    expect((await box.post("/HistoryEvent", history())).status).toBe(200);
    // Made read-only before the server sees it: a mount with a file that is open for writing cannot be.
    inside("mkdir view; mount --bind data view; mount -o remount,bind,ro view; mount --move view data");
    execFileSync("prlimit", [`--pid=${pid}`, "--fsize=1:"]);
    expect((await box.postOnce("/HistoryEvent", history({ timestamp: noon + 1 }))).status).toBe(503);
    expect(await stop()).toBe(1);
    const said = log().trim().split("\n");
    expect(said.filter((line) => !line.startsWith("{"))).toEqual([
      expect.stringMatching(
        /^gatepost: the server has ended, and what it acknowledged is in \S+\/data, which could not be left in order: the disk cannot be written to; look at the disk/,
      ),
    ]);

    inside("umount data");
    const again = await start();
    expect(await new Client(again).events()).toHaveLength(1);
    expect(await again.stop()).toBe(0);
  },
);

it.skipIf(noSmallDisk !== null)("a command whose server cannot store anything gives the reason", async () => {
  const { start } = await smallServer(32);
  const { url, admin, pid } = await start();
  execFileSync("prlimit", [`--pid=${pid}`, "--fsize=1:"]);
  const create = ["keys", "create", "--scope", "ingest", "--box", "gate-2", "--url", url, "--token", admin];
  expect(await gatepostProcess(...create)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/at the moment, ask again: the data folder takes no writes: its log says why\n$/),
  });
});

it.skipIf(noSmallDisk !== null)("a first start on a small disk ends in one sentence with the path", async () => {
  const { log, start } = await smallServer(3);
  await expect(start()).rejects.toThrow();
  const sentences = log()
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("{"));
  expect(sentences).toEqual([
    expect.stringMatching(/^gatepost: cannot use \S+\/data as the data folder: the disk is full; make room on it$/),
  ]);
});

it.skipIf(noSmallDisk !== null).each([
  ["an empty folder", "mkdir data; chmod 700 data"],
  ["an empty folder that others may read", "mkdir data; chmod 755 data"],
  ["a store", ""],
  ["a store that others may read", "chmod -R a+r data"],
])("a start on a disk that is mounted for reading says so: %s", async (_, prepare) => {
  const { start, inside, log } = await smallServer(32);
  if (!prepare.startsWith("mkdir")) await (await start()).stop();
  inside(`${prepare}\n mount -o remount,ro .`);
  const before = log();
  await expect(start()).rejects.toThrow("it ended");
  expect(log().slice(before.length)).toMatch(
    /^gatepost: cannot use \S+ as the data folder: the disk cannot be written to; give another folder with --data\n$/,
  );
});

it.skipIf(noSmallDisk !== null).each([1, 2, 4])(
  "a first start on a full disk of %i MB says only that",
  async (size) => {
    const { start, log } = await smallServer(size);
    await expect(start()).rejects.toThrow("it ended");
    const lines = log().trimEnd().split("\n");
    expect(lines.filter((line) => !line.includes("is in memory (tmpfs)"))).toEqual([
      expect.stringMatching(/^gatepost: cannot use \S+ as the data folder: the disk is full; make room on it$/),
    ]);
  },
);

it.skipIf(noSmallDisk !== null || withoutMosquitto !== null)(
  "a message waits at its broker while the disk is full, and is one event once there is room",
  async () => {
    const { disk, log, start } = await smallServer(32);
    const { url, admin } = await start();
    const reserve = join(disk, "data", "reserve");
    await expect.poll(async () => existsSync(reserve) && (await stat(reserve)).size).toBe(8 * 1024 * 1024);
    const brokerFolder = await temporaryFolder();
    const broker = await Mosquitto.start(join(brokerFolder.path, "broker"));
    closers.push(brokerFolder.remove, () => broker.kill());
    const client = new Client({ url, admin });
    const source = { name: "door", mqtt: broker.url, topics: ["doors/#"], box: "gate-3" };
    await writeFile(join(disk, "data", "sources.json"), JSON.stringify([source]));
    const states = async () => (await client.get("/v1/sources")).json();
    await expect.poll(states).toMatchObject({ sources: [{ isConnected: true, fault: null }] });

    await fillUp(join(disk, "filler"));
    const face = Buffer.concat([jpeg(1), Buffer.alloc(40_000, 1)]).toString("base64");
    const passing = (n: number) =>
      JSON.stringify(history({ timestamp: noon + n, identity_id: `person ${n}` }, { recognize_face: face }));
    const all = Array.from({ length: 100 }, (_, n) => n);
    await broker.publish("doors/north", all.map(passing));
    await expect.poll(log).toContain("source is not connected");
    await expect.poll(states).toMatchObject({ sources: [{ fault: expect.any(String) }] });
    await rm(join(disk, "filler"));
    const people = async () => (await client.events()).map(({ person }) => person.id).toSorted();
    await expect.poll(people).toEqual(all.map((n) => `person ${n}`).toSorted());
  },
);
