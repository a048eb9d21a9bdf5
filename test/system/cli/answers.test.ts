import { spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { withApi } from "../../../packages/cli/src/client.ts";
import { allKeys, createKey } from "../../../packages/cli/src/keys/created.ts";
import { bin } from "../../support/command.ts";
import { dataFolder, type Ended, emptyStore, ending, gatepostJson, serve } from "./support.ts";

/** Runs `gatepost` from a shell, which may limit it and send its answer elsewhere. */
function inShell(line: string): Promise<Ended> {
  const gatepost = `'${process.execPath}' '${bin}'`;
  return ending(spawn("bash", ["-c", line.replace("gatepost", gatepost)], { stdio: ["ignore", "pipe", "pipe"] }));
}

describe.skipIf(process.platform !== "linux")("an answer that cannot be written", () => {
  it("ends with exit code 1 and a line with the reason", async () => {
    const { code, stderr } = await inShell(`gatepost stats --data '${await emptyStore()}' >/dev/full`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\ngatepost: the answer could not be written: ENOSPC[^\n]*\n$/);
  });

  it("names the key to revoke if its token could not be written", async () => {
    const data = await emptyStore();
    const { code, stderr } = await inShell(`gatepost keys create --scope admin --data '${data}' >/dev/full`);
    const { keys } = await gatepostJson<{ keys: { id: string }[] }>("keys", "list", "--data", data);
    expect([code, keys.length]).toEqual([1, 1]);
    expect(stderr).toContain(
      `the token of ${keys[0]?.id} was not shown, and it is valid: revoke it, and make another\n`,
    );
  });

  it("fails even if the disk took a part of it", async () => {
    const { url, admin } = await serve(await dataFolder());
    const there = { url, token: admin, data: "" };
    for (let made = 0; made < 8; made += 1) await withApi(there, (api) => createKey(api, { scope: "read" }));
    const file = await dataFolder();
    const asked = `GATEPOST_TOKEN=${admin} gatepost keys list --json --url ${url}`;
    expect(await inShell(`ulimit -f 1; ${asked} >'${file}'`)).toMatchObject({ code: 1 });
    expect((await stat(file)).size).toBe(1024);
    expect(await inShell(`${asked} >'${file}'`)).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(await withApi(there, allKeys));
  });

  it("is no failure if the reader went away", async () => {
    expect(await inShell("set -o pipefail; gatepost --help | true")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
