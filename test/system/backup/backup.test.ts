import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../support/client.ts";
import { bin } from "../../support/command.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { jpeg, sha256 } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { missing } from "../../support/required.ts";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";
import { ending, gatepost, gatepostProcess, launch, serve } from "../cli/support.ts";

const { closers } = openedByTests();

/** A unique passing, with a picture of some 60 KB. */
function passing(number: number) {
  const face = Buffer.concat([jpeg(`face ${number}`), Buffer.alloc(60_000, number)]);
  return {
    face: sha256(face),
    body: history(
      { timestamp: noon + number * 1000, identity_id: `person ${number}` },
      { recognize_face: face.toString("base64") },
    ),
  };
}

/** Reports that are sent as fast as they are answered; later ones leave time for the tested work. */
const hurried = 30;

type Starting = (data: string) => Promise<{ url: string; admin: string; stop(): Promise<void> }>;

/** A server on a new folder, and senders that do not stop. */
async function underLoad(starting: Starting = startGatepost) {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const data = join(folder.path, "data");
  const server = await starting(data);
  closers.push(() => server.stop());
  const client = new Client(server);
  const { token } = await client.createKey("gate-1");
  const acknowledged: string[] = [];
  let number = 0;
  let isOver = false;
  const send = async () => {
    const box = new Box(server.url, token);
    while (!isOver) {
      const { face, body } = passing(number++);
      if ((await box.post("/HistoryEvent", body)).status === 200) acknowledged.push(face);
      if (number > hurried) await sleep(50);
    }
  };
  const senders = [send(), send(), send()];
  const end = async () => {
    isOver = true;
    await Promise.all(senders);
  };
  closers.push(end);
  await expect.poll(() => acknowledged.length).toBeGreaterThan(hurried);
  return { folder: folder.path, data, server, token, acknowledged, end };
}

/** The folder of a server that may run in the same process. */
async function delivered() {
  const { end, ...made } = await underLoad(serve);
  await end();
  return made;
}

/** The faces of the events of a data folder, each compared with its bytes. */
async function facesIn(data: string): Promise<string[]> {
  const server = await serve(data);
  try {
    const client = new Client(server);
    const events = await client.events();
    const faces = await Promise.all(events.map(async (event) => sha256(await client.picture(event, "face"))));
    expect(faces).toEqual(events.map((event) => event.pictures.face?.sha256));
    return faces;
  } finally {
    await server.stop();
  }
}

it("a backup under load has every report acknowledged before it began", async () => {
  const { folder, data, acknowledged, end } = await underLoad();
  for (const to of ["copy", "copy.tar"]) {
    const before = [...acknowledged];
    const { code, stderr } = await gatepostProcess("backup", join(folder, to), "--data", data);
    expect([code, stderr]).toEqual([0, `data folder: ${data}\n`]);
    const restored = await gatepost("restore", join(folder, to), "--data", join(folder, `of-${to}`), "--json");
    expect(restored.code, restored.stderr).toBe(0);
    const faces = await facesIn(join(folder, `of-${to}`));
    expect(before.filter((face) => !faces.includes(face))).toEqual([]);
    expect(new Set(faces).size).toBe(faces.length);
    expect(JSON.parse(restored.stdout)).toMatchObject({ events: faces.length, pictures: faces.length, missing: [] });
  }
  await end();
});

it("a backup within the data folder is made, with a warning of its loss", async () => {
  const { folder, data } = await delivered();
  const said = "! this backup is within the data folder and is lost with it: make one elsewhere, too\n";
  for (const to of ["copy", "copy.tar"]) {
    const within = await gatepost("backup", join(data, to), "--data", data);
    expect(within).toMatchObject({ code: 0, stderr: `data folder: ${data}\n${said}` });
  }
  expect((await gatepost("backup", join(folder, "data-copy"), "--data", data)).stderr).not.toContain(said);
});

it("a killed backup leaves the previous or a new one, and the next succeeds", async () => {
  const { folder, data, acknowledged, end } = await underLoad();
  const random = seeded(seedOfRun("backup"));
  const to = join(folder, "copy");
  await gatepost("backup", to, "--data", data);
  const atFirst = [...acknowledged];
  for (let kill = 0; kill < (isLong ? 20 : 2); kill++) {
    const backup = launch([bin, "backup", to, "--data", data]);
    const ended = once(backup, "exit");
    await sleep(250 + random() * 500);
    backup.kill("SIGKILL");
    await ended;
    const into = join(folder, `after-${kill}`);
    const restored = await gatepost("restore", to, "--data", into, "--json");
    expect(restored.code, restored.stderr).toBe(0);
    expect(JSON.parse(restored.stdout)).toMatchObject({ missing: [] });
    await rm(into, { recursive: true });
  }
  await end();
  expect((await gatepostProcess("backup", to, "--data", data)).code).toBe(0);
  await gatepost("restore", to, "--data", join(folder, "last"));
  const faces = await facesIn(join(folder, "last"));
  expect(acknowledged.filter((face) => !faces.includes(face))).toEqual([]);
  expect(atFirst.length).toBeGreaterThan(0);
});

it("a killed restore leaves no data folder, and the next one succeeds", async () => {
  const { folder, data, acknowledged } = await delivered();
  await gatepost("backup", join(folder, "copy"), "--data", data);
  const into = join(folder, "again");
  const random = seeded(seedOfRun("restore"));
  for (let kill = 0; kill < (isLong ? 20 : 2); kill++) {
    const restore = launch([bin, "restore", join(folder, "copy"), "--data", into]);
    const ended = ending(restore);
    await sleep(200 + random() * 300);
    restore.kill("SIGKILL");
    await ended;
    if (existsSync(into)) await rm(into, { recursive: true });
  }
  const { code, stderr } = await gatepost("restore", join(folder, "copy"), "--data", into);
  expect([code, stderr]).toEqual([0, `data folder: ${into}\n`]);
  expect(await readdir(folder)).not.toContain("again.restoring");
  expect((await facesIn(into)).sort()).toEqual([...acknowledged].sort());
});

it("a killed restore into an existing folder leaves nothing to serve; the next succeeds", async () => {
  const { folder, data, acknowledged } = await delivered();
  await gatepost("backup", join(folder, "copy"), "--data", data);
  const into = join(folder, "again");
  await mkdir(into);
  const restore = launch([bin, "restore", join(folder, "copy"), "--data", into]);
  const ended = once(restore, "exit");
  while (!existsSync(join(into, ".restoring", "gatepost.db"))) await sleep(1);
  restore.kill("SIGKILL");
  await ended;
  const served = await gatepost("serve", "--data", into, "--port", "0");
  expect([served.code, served.stderr]).toEqual([1, expect.stringMatching(/ is under way or was cut short: [^\n]+\n$/)]);
  expect((await gatepost("restore", join(folder, "copy"), "--data", into)).code).toBe(0);
  expect((await facesIn(into)).sort()).toEqual([...acknowledged].sort());
});

const noMounts = missing(
  "unshare",
  ["-rm", "mount", "-t", "tmpfs", "none", "/tmp"],
  "a mount of an ordinary user's own",
);

/** Runs a shell script, whose `$1`, `$2`, … are `words`. Its mounts end with it. */
const inOwnMounts = (script: string, ...words: string[]) =>
  ending(spawn("unshare", ["-rm", "sh", "-c", script, "sh", ...words]));

it.skipIf(noMounts !== null)("a restore into a separate disk is prepared on that disk", async () => {
  const { folder, data, acknowledged } = await delivered();
  const disk = join(folder, "disk");
  const moved = join(folder, "moved");
  await gatepost("backup", join(folder, "copy"), "--data", data);
  await mkdir(disk);
  // The files on the disk are gone with its namespace.
  const script = `set -e
    mount -t tmpfs none "$1"
    "$2" "$3" restore "$4" --data "$1"
    test ! -e "$1.restoring"
    cp -a "$1" "$5"`;
  const { code, stderr } = await inOwnMounts(script, disk, process.execPath, bin, join(folder, "copy"), moved);
  expect(code, stderr).toBe(0);
  expect((await facesIn(moved)).sort()).toEqual([...acknowledged].sort());
});

it.skipIf(noMounts !== null)("a backup on a full disk fails with that reason, and the previous one stays", async () => {
  const { folder, data, acknowledged } = await delivered();
  const small = join(folder, "small");
  await mkdir(small);
  const enough = Math.ceil((acknowledged.length * 70_000 + 3_000_000) / 1e6);
  // All of it in the one namespace that sees the small disk.
  const script = `set -e
    mount -t tmpfs -o size=${enough}m none "$1"
    "$2" "$3" backup "$1/copy" --data "$4"
    head -c 100000000 /dev/zero > "$1/filler" || true
    ! "$2" "$3" backup "$1/copy" --data "$4"
    ! "$2" "$3" backup "$1/copy.tar" --data "$4"
    ls -A "$1" >&2
    "$2" "$3" restore "$1/copy" --data "$5" --json`;
  const { code, stdout, stderr } = await inOwnMounts(script, small, process.execPath, bin, data, join(folder, "of"));
  expect(code, stderr).toBe(0);
  expect(
    stderr.match(/gatepost: (?:there is no room|cannot write the backup to \S+: the disk is full)/g),
    stderr,
  ).toHaveLength(2);
  expect(stderr).toMatch(/\ncopy\nfiller\n/);
  expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ missing: [] });
  expect((await facesIn(join(folder, "of"))).sort()).toEqual([...acknowledged].sort());
});

it("the doctor examines a served store, and repairs a stopped one", async () => {
  const { data, server, end } = await underLoad();
  await end();
  await rm(join(data, "first-keys.json"));
  const beside = await gatepost("doctor", "--data", data, "--deep", "--json");
  expect([beside.code, beside.stderr]).toEqual([0, `data folder: ${data}\n`]);
  expect((await gatepost("doctor", "--data", data, "--repair")).stderr).toMatch(/another Gatepost uses/);
  await server.stop();
  await chmod(join(data, "gatepost.db"), 0o644);
  const wrong = await gatepost("doctor", "--data", data);
  expect([wrong.code, wrong.stderr.split("\n").at(1)]).toEqual([1, "gatepost: one thing is wrong"]);
  expect(wrong.stdout).toMatch(
    /^! permissions +.*gatepost\.db may be read by other users: `gatepost doctor --repair --data [^`]+`$/m,
  );
  expect((await gatepost("doctor", "--data", data, "--repair")).code).toBe(0);
});

it("commands say in one line what is wrong", async () => {
  const { path, remove } = await temporaryFolder();
  closers.push(remove);
  await writeFile(join(path, "text"), "no backup");
  for (const [args, said] of [
    [["backup", join(path, "copy"), "--data", join(path, "none")], /^gatepost: no Gatepost in /],
    [["restore", join(path, "none"), "--data", join(path, "data")], /gatepost: there is nothing at /],
    [["restore", join(path, "text"), "--data", join(path, "data")], /gatepost: .* ends too early/],
    [["restore", join(path, "text"), "--data", path], /gatepost: .* is not empty/],
  ] as const) {
    const { code, stdout, stderr } = await gatepost(...args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(said);
  }
});

/** The events that a live client receives, once it has caught up: each person with the cursor of its message. */
async function follow(url: string, token: string, since?: string): Promise<{ person: string; cursor: string }[]> {
  const events: { person: string; cursor: string }[] = [];
  const socket = new WebSocket(`${url.replace("http", "ws")}/live?token=${token}`);
  closers.push(async () => socket.terminate());
  const caughtUp = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    const { event, cursor, ...sent } = JSON.parse(data.toString());
    if (event !== undefined) events.push({ person: event.person.id, cursor });
    if (sent.caughtUp === true) caughtUp.resolve();
    if (sent.error !== undefined) caughtUp.reject(new Error(sent.error.message));
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ event_list: ["*"], form: "event", since }));
  await caughtUp.promise;
  return events;
}

it("a restored store sends new events to a client with a newer cursor", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const [data, copy, again] = [join(folder.path, "data"), join(folder.path, "copy"), join(folder.path, "again")];
  const first = await startGatepost(data);
  closers.push(() => first.stop());
  const client = new Client(first);
  const { token } = await client.createKey("gate-1");
  const reader = await client.createReadKey();
  expect((await gatepostProcess("backup", copy, "--data", data)).code).toBe(0);
  await first.stop();
  // Each start gives new numbers: the restored store must not give the numbers of this start again.
  const server = await startGatepost(data);
  closers.push(() => server.stop());
  const before = await follow(server.url, reader);
  for (const number of [1, 2]) await new Box(server.url, token).post("/HistoryEvent", passing(number).body);
  await expect.poll(() => before.length).toBe(2);
  await server.stop();
  expect((await gatepost("restore", copy, "--data", again, "--json")).code).toBe(0);
  const restored = await startGatepost(again);
  closers.push(() => restored.stop());
  await new Box(restored.url, token).post("/HistoryEvent", passing(3).body);
  const after = await follow(restored.url, reader, before[1]?.cursor);
  await new Box(restored.url, token).post("/HistoryEvent", passing(4).body);
  await expect.poll(() => after.map(({ person }) => person)).toEqual(["person 3", "person 4"]);
});
