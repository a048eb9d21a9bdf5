import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { dataFailure } from "../../../packages/cli/src/runtime/data-failure.ts";
import { bin } from "../../support/command.ts";
import { dataFolder, emptyStore, ending, gatepost, gatepostJson, serve } from "./support.ts";

const commands = [
  ["serve", "--port", "0", "--host", "127.0.0.1"],
  ["keys", "list"],
];

describe("one line with fault, place and remedy, and exit code 1:", () => {
  it.each([
    ["a file", "", "a file is in its way; give another folder with --data"],
    ["below a file", "/a/b", "a file is in its way; give another folder with --data"],
  ])("`serve` on %s", async (_, below, why) => {
    const file = await dataFolder();
    await writeFile(file, "mine");
    const refused = await gatepost("serve", "--data", file + below, "--port", "0");
    const stderr = `gatepost: cannot use ${file + below} as the data folder: ${why}\n`;
    expect(refused).toEqual({ code: 1, stdout: "", stderr });
  });

  it.skipIf(process.platform !== "linux")("`serve` on a folder that cannot be made", async () => {
    const refused = await gatepost("serve", "--data", "/proc/gatepost/data", "--port", "0");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(
      /^gatepost: cannot use \/proc\/gatepost\/data as the data folder: it cannot [^\n]+\n$/,
    );
  });

  it.each(commands)("`%s %s` on a database that is none", async (...args) => {
    const data = await dataFolder();
    await mkdir(data);
    await writeFile(join(data, "gatepost.db"), randomBytes(20_000));
    const { code, stdout, stderr } = await gatepost(...args, "--data", data);
    const why = "its database is damaged; restore a backup into an empty folder";
    expect([code, stdout, stderr]).toEqual([1, "", `gatepost: cannot use ${data} as the data folder: ${why}\n`]);
  });

  it.each(commands)("`%s %s` on a database with damaged pages", async (...args) => {
    const data = await emptyStore();
    const file = await open(join(data, "gatepost.db"), "r+");
    await file.write(Buffer.alloc(4096 * 39, 7), 0, 4096 * 39, 4096);
    await file.close();
    const { code, stdout, stderr } = await gatepost(...args, "--data", data);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `gatepost: cannot use ${data} as the data folder: its database is damaged; restore a backup into an empty folder\n`,
    );
  });

  it.each(commands)("`%s %s` on a store of a newer version", async (...args) => {
    const data = await emptyStore();
    const database = new DatabaseSync(join(data, "gatepost.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    const { code, stdout, stderr } = await gatepost(...args, "--data", data);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^gatepost: cannot use \/[^\n]+ was written by a newer Gatepost \(schema 99\); upgrade [^\n]+\n$/,
    );
  });

  it.each(commands)("`%s %s` on a data folder of an earlier build", async (...args) => {
    const data = await emptyStore();
    const database = new DatabaseSync(join(data, "gatepost.db"));
    database.exec("PRAGMA application_id = 0; PRAGMA user_version = 36");
    database.close();
    const { code, stdout, stderr } = await gatepost(...args, "--data", data);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `gatepost: cannot use ${data} as the data folder: the data folder was written by an earlier build: ` +
        `start that build on it, and move its data from there with \`gatepost migrate --data ${data}\`\n`,
    );
  });

  it.each([
    ["ENOSPC", "the disk is full; make room on it"],
    ["EACCES", "no permission; let the user that runs Gatepost own it, or give another folder with --data"],
    ["EROFS", "the disk cannot be written to; give another folder with --data"],
  ])("%s at the start", (code, why) => {
    const error = dataFailure(Object.assign(new Error(code), { code }), "/d");
    expect(error.message).toBe(`cannot use /d as the data folder: ${why}`);
  });

  it.skipIf(process.platform !== "linux")("`serve` on a disk that is full at the start", async () => {
    const data = await dataFolder();
    // No file may have more than 8 KB, as on a full disk.
    const limited = ["--fsize=8192", process.execPath, bin, "serve", "--data", data, "--port", "0"];
    const { code, stdout, stderr } = await ending(spawn("prlimit", limited));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^gatepost: cannot use \/[^\n]+ as the data folder: [^\n]*full; make room on it[^\n]*\n$/);
  });

  it("`--url https://` for a server that speaks http", async () => {
    const { url } = await serve(await dataFolder());
    const secure = url.replace("http:", "https:");
    expect(await gatepost("keys", "list", "--url", secure, "--token", "gpa_x")).toEqual({
      code: 1,
      stdout: "",
      stderr: `gatepost: ${secure} is answered without TLS; did you mean ${url}?\n`,
    });
  });

  it("a token that is no key of the server", async () => {
    const { url } = await serve(await dataFolder());
    const { code, stderr } = await gatepost("keys", "list", "--url", url, "--token", "gpa_x");
    expect([code, stderr]).toEqual([
      1,
      `gatepost: ${url} does not know the key in --token or GATEPOST_TOKEN; send a live key of scope admin\n`,
    ]);
  });

  it("a revoked token", async () => {
    const { url, admin } = await serve(await dataFolder());
    const remote = ["--url", url, "--token", admin];
    const { id, token } = await gatepostJson<{ id: string; token: string }>(
      "keys",
      "create",
      "--scope",
      "admin",
      ...remote,
    );
    await gatepost("keys", "revoke", id, ...remote);
    expect(await gatepost("keys", "list", "--url", url, "--token", token)).toEqual({
      code: 1,
      stdout: "",
      stderr: "gatepost: the key in --token or GATEPOST_TOKEN was revoked; send a live key of scope admin\n",
    });
  });
});
