import { chmod, mkdir, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openRuntime } from "@gatepost/embedded";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { picture } from "../../contract/samples.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers } = openedByTests();
afterEach(() => vi.restoreAllMocks());

let folder: string;
beforeEach(async () => {
  const made = await temporaryFolder();
  closers.push(made.remove);
  folder = made.path;
});

const open = async () => {
  const runtime = await openRuntime({ data: folder });
  closers.push(() => runtime.close());
  return runtime;
};

/** Makes a store with one pack and every other file that it may have. */
async function makeStore(): Promise<void> {
  const runtime = await openRuntime({ data: folder });
  await putPicture(runtime.ingest.pictures, "2026-11", "face", picture("face"));
  await runtime.close();
  for (const name of ["gatepost.db-wal", "gatepost.db-shm"]) await writeFile(join(folder, name), "");
  for (const name of ["server.json", "rules.json", "first-keys.json"]) await writeFile(join(folder, name), "[]");
}

const modeOf = async (name: string) => ((await stat(join(folder, name))).mode & 0o777).toString(8);
const files = [
  "gatepost.db",
  "gatepost.db-wal",
  "gatepost.db-shm",
  "lock.db",
  "server.json",
  "rules.json",
  "first-keys.json",
  "pictures/2026-11.pack",
];

describe.skipIf(process.platform === "win32")("a start on an existing data folder", () => {
  it("removes the rights of other users on the folder and its files", async () => {
    await makeStore();
    for (const name of files) await chmod(join(folder, name), 0o644);
    for (const name of [".", "pictures"]) await chmod(join(folder, name), 0o755);
    await open();
    expect(await Promise.all([".", "pictures"].map(modeOf))).toEqual(["700", "700"]);
    expect(await Promise.all(files.map(modeOf))).toEqual(files.map(() => "600"));
  });

  it.each([
    [".", 0o777, "700"],
    ["gatepost.db", 0o602, "600"],
    ["pictures", 0o710, "700"],
    ["pictures/2026-11.pack", 0o640, "600"],
  ])("corrects the mode of %s", async (name, mode, right) => {
    await makeStore();
    await chmod(join(folder, name), mode);
    await open();
    expect(await modeOf(name)).toBe(right);
  });

  it("leaves the mode of files that only their owner may read", async () => {
    await makeStore();
    await chmod(join(folder, "rules.json"), 0o400);
    await open();
    expect(await modeOf("rules.json")).toBe("400");
  });

  it("accepts an empty folder, and one with only the rules in it", async () => {
    await writeFile(join(folder, "rules.json"), "[]", { mode: 0o644 });
    await chmod(folder, 0o755);
    await open();
    expect([await modeOf("."), await modeOf("rules.json")]).toEqual(["700", "600"]);
  });

  it("leaves a folder of other files readable for others", async () => {
    await mkdir(join(folder, "photos of the family"));
    await chmod(folder, 0o755);
    await expect(open()).rejects.toThrow(/has other files in it, and other users may read it: .*--data/);
    expect(await modeOf(".")).toBe("755");
    expect(await readdir(folder)).toEqual(["photos of the family"]);
  });

  it("refuses files of another user, and names the file and the remedy", async () => {
    await makeStore();
    vi.spyOn(process, "getuid").mockReturnValue((process.getuid?.() ?? 0) + 1);
    await expect(open()).rejects.toThrow(`${folder} belongs to another user (uid ${process.geteuid?.()}): run`);
  });

  it.each([...files, "pictures", "server.json.new"])("refuses to follow %s if it is a symbolic link", async (name) => {
    await makeStore();
    const [path, away] = [join(folder, name), `${folder}-away`];
    if (name.endsWith(".new")) await writeFile(path, "");
    await rename(path, away);
    closers.push(() => rm(away, { recursive: true }));
    await symlink(away, path);
    await expect(open()).rejects.toThrow(`${path} is a symbolic link, which Gatepost does not follow: put`);
  });

  it("does not make the file behind a dangling link", async () => {
    await symlink(join(folder, "elsewhere"), join(folder, "gatepost.db"));
    await expect(open()).rejects.toThrow("symbolic link");
    expect(await readdir(folder)).toEqual(["gatepost.db"]);
  });
});
