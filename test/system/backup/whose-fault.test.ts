import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openRuntime } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import { afterEach, expect, it, vi } from "vitest";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { bin } from "../../support/command.ts";
import { boxRequest } from "../../support/http.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { noSmallDisk } from "../../support/small-disk.ts";
import { emptyStore, ending, gatepost } from "../cli/support.ts";

const { closers } = openedByTests();
afterEach(() => void vi.unstubAllEnvs());

async function folder(): Promise<string> {
  const { path, remove } = await temporaryFolder();
  closers.push(remove);
  return path;
}

/** A stopped store with one picture. */
async function storeWithPicture(): Promise<string> {
  const data = await folder();
  const runtime = await openRuntime({ data, settings: { openBox: "open", announceEvents: false } });
  const delivered = await receiver(runtime.ingest)(
    boxRequest({ path: "/HistoryEvent", body: history({}, { recognize_face: photo("1") }) }),
  );
  await runtime.close();
  expect(delivered.status).toBe(200);
  return data;
}

/** Runs `gatepost` with a disk over `mount` that takes no writes; on it are a copy of `data` and an empty folder. */
function onReadOnlyDisk(mount: string, data: string, ...commands: readonly string[]) {
  return onDisk({ mount, data, options: "mode=700", spoil: 'mount -o remount,ro "$1"' }, ...commands);
}

const full = 'dd if=/dev/zero of="$1/filler" 2>/dev/null || true';
const withoutInodes = 'n=0; while touch "$1/filler-$n" 2>/dev/null; do n=$((n + 1)); done';

/** The same with a disk of these options that this command has made useless. */
function onDisk(
  { mount, data, options, spoil }: Record<"mount" | "data" | "options" | "spoil", string>,
  ...commands: readonly string[]
) {
  const script = `set -e
    mount -t tmpfs -o ${options} none "$1"
    cp -a "$4" "$1/data"
    mkdir "$1/out"
    ${spoil}
    gatepost() { "$GATEPOST_NODE" "$GATEPOST_BIN" "$@" 2>&1 || echo "exit code $?"; }
    GATEPOST_NODE="$2" GATEPOST_BIN="$3"
    cd "$1"
    ${commands.join("\n")}`;
  return ending(spawn("unshare", ["-rm", "sh", "-c", script, "sh", mount, process.execPath, bin, data]));
}

it.skipIf(noSmallDisk !== null)("a read-only backup disk is named, and not the data folder", async () => {
  const data = await emptyStore();
  const mount = await folder();
  const { stdout } = await onReadOnlyDisk(mount, data, 'gatepost backup out/copy --data "$4"');
  expect(stdout).toContain(
    `gatepost: cannot write the backup to ${join(mount, "out/copy")}: the disk cannot be written to; name another place for the backup\n`,
  );
  expect(stdout).not.toContain("--data");
});

it.skipIf(noSmallDisk !== null)("a stopped store on a read-only disk can be examined and backed up", async () => {
  const data = await emptyStore();
  const into = await folder();
  const commands = ["gatepost doctor --data data", `gatepost backup ${join(into, "copy")} --data data`];
  const { stdout } = await onReadOnlyDisk(await folder(), data, ...commands);
  expect(stdout).toMatch(/^ {2}database +it is whole$/m);
  expect(stdout).toMatch(/^! disk +it takes no writes.*: mount it for writing/m);
  expect(stdout).not.toMatch(/could not be looked at/);
  expect(stdout).toMatch(/0 events and 0 pictures are in/);
  expect((await gatepost("restore", join(into, "copy"), "--data", join(into, "of"))).code).toBe(0);
});

it.skipIf(noSmallDisk !== null)("pictures are exported from a read-only disk", async () => {
  const data = await storeWithPicture();
  const into = await folder();
  const { stdout } = await onReadOnlyDisk(await folder(), data, `gatepost pictures export ${into} --data data`);
  expect(stdout).toContain(`1 picture is in ${into}.\n`);
});

it.skipIf(noSmallDisk !== null)("the error for a killed store on a read-only disk says how to save it", async () => {
  const data = await emptyStore();
  await writeFile(join(data, "gatepost.db-wal"), Buffer.alloc(4096, 1));
  const to = join(await folder(), "copy");
  const { stdout } = await onReadOnlyDisk(
    await folder(),
    data,
    `gatepost backup ${to} --data data`,
    `gatepost pictures export ${to} --data data`,
  );
  const said = /gatepost: \S+gatepost\.db has a log that can be read only on a writable disk: copy its folder/g;
  expect(stdout.match(said), stdout).toHaveLength(2);
});

it.skipIf(noSmallDisk !== null).each([
  {
    what: "full",
    options: "size=2m",
    spoil: full,
    why: "the disk is full; make room on it",
    backup: (to: string) => expect.stringContaining(`there is no room for 1 MB at ${to}: `),
  },
  {
    what: "without inodes",
    options: "size=64m,nr_inodes=40",
    spoil: withoutInodes,
    why: "no file can be made on its disk, because the inodes are used up; remove files there",
    backup: (to: string) =>
      `cannot write the backup to ${to}: no file can be made on its disk, because the inodes are used up; remove files there`,
  },
])(
  "a disk that is $what is named where pictures and backups are written to it",
  async ({ options, spoil, why, backup }) => {
    const data = await storeWithPicture();
    const mount = await folder();
    const { stdout } = await onDisk(
      { mount, data, options, spoil },
      'gatepost pictures export out --data "$4"',
      'gatepost backup out/copy --data "$4"',
      "gatepost serve --port 0 --host 127.0.0.1 --data out/new",
    );
    const said = [...stdout.matchAll(/^gatepost: (.*)$/gm)].map(([, line]) => line);
    expect(said).toEqual([
      `cannot write to ${mount}/out: ${why}`,
      backup(`${mount}/out/copy`),
      `cannot use ${mount}/out/new as the data folder: ${why}`,
    ]);
  },
);

it("a file in the way of a backup is named, and not the data folder", async () => {
  const data = await emptyStore();
  const to = join(await folder(), "file");
  await writeFile(to, "");
  const { code, stderr } = await gatepost("backup", join(to, "copy"), "--data", data);
  expect([code, stderr]).toEqual([
    1,
    `data folder: ${data}\ngatepost: cannot write the backup to ${join(to, "copy")}: a file is in its way; name another place for the backup\n`,
  ]);
});

it("a restore names the fault of the backup or of the data folder", async () => {
  const data = await emptyStore();
  const path = await folder();
  await gatepost("backup", join(path, "copy"), "--data", data);
  await writeFile(join(path, "file"), "");
  const inFile = await gatepost("restore", join(path, "copy"), "--data", join(path, "file", "data"));
  expect(inFile.stderr).toMatch(
    /gatepost: cannot use \S+file\/data as the data folder: a file is in its way; give another/,
  );
  const later = join(path, "later");
  await mkdir(later);
  await writeFile(join(later, "gatepost.db"), "no database, and longer than the head of one would be".repeat(20));
  const byLater = await gatepost("restore", join(path, "copy"), "--data", join(path, "again"), "--later", later);
  expect(byLater.stderr).toMatch(/gatepost: cannot read the store in \S+later: its database is damaged/);
});

it("a restore from a bucket names the fault of the bucket", async () => {
  const data = join(await folder(), "data");
  const from = async (place: string) => {
    const { code, stderr } = await gatepost("restore", place, "--data", data);
    return `${code} ${stderr.split("\n")[1]}`;
  };
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9");
  expect(await from("s3://bucket/gate")).toBe(
    "1 gatepost: cannot use s3://bucket/gate/: no region is set; set AWS_REGION",
  );
  vi.stubEnv("AWS_REGION", "eu-west-1");
  expect(await from("s3://bucket/gate")).toMatch(
    /^1 gatepost: cannot use s3:\/\/bucket\/gate\/: it cannot be reached \(.*ECONNREFUSED.*\); look at AWS_ENDPOINT_URL_S3/,
  );
  expect(await from("s3://BAD_name/gate")).toMatch(
    /^2 gatepost: s3:\/\/BAD_name\/gate is no place in a bucket: It must be as s3:\/\//,
  );
});
