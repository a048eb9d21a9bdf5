import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { openedByTests } from "../../runtime/embedded/temporary.ts";
import { bin } from "../../support/command.ts";
import { missing } from "../../support/required.ts";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";
import { ending, gatepost, gatepostProcess, launch } from "../cli/support.ts";
import { delivered, facesIn, underLoad } from "./delivered.ts";

const { closers } = openedByTests();

it("a killed backup leaves the previous or a new one, and the next succeeds", async () => {
  const { folder, data, acknowledged, end } = await underLoad(closers);
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
  const { folder, data, acknowledged } = await delivered(closers);
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
  const { folder, data, acknowledged } = await delivered(closers);
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
  const { folder, data, acknowledged } = await delivered(closers);
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
  const { folder, data, acknowledged } = await delivered(closers);
  const small = join(folder, "small");
  await mkdir(small);
  const enough = Math.ceil((acknowledged.length * 70_000 + 3_000_000) / 1e6);
  // All of it in the one namespace that sees the small disk.
  const script = `set -e
    mount -t tmpfs -o size=${enough}m none "$1"
    "$2" "$3" backup "$1/copy" --data "$4"
    head -c 100000000 /dev/zero > "$1/filler" || true
    ! "$2" "$3" backup "$1/copy" --data "$4"
    ls -A "$1" >&2
    "$2" "$3" restore "$1/copy" --data "$5" --json`;
  const { code, stdout, stderr } = await inOwnMounts(script, small, process.execPath, bin, data, join(folder, "of"));
  expect(code, stderr).toBe(0);
  expect(
    stderr.match(/gatepost: (?:there is no room|cannot write the backup to \S+: the disk is full)/g),
    stderr,
  ).toHaveLength(1);
  expect(stderr).toMatch(/\ncopy\nfiller\n/);
  expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ missing: [] });
  expect((await facesIn(join(folder, "of"))).sort()).toEqual([...acknowledged].sort());
});
