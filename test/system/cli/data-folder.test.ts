import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lock } from "@gatepost/sqlite";
import { describe, expect, it } from "vitest";
import { announce } from "../../../packages/cli/src/runtime/running.ts";
import { dataFolder, emptyStore, gatepost, gatepostJson, serve, serveProcess } from "./support.ts";

interface NewKey {
  id: string;
  token: string;
}

const commands = [
  ["keys", "create", "--scope", "admin"],
  ["keys", "list"],
  ["keys", "first"],
  ["keys", "revoke", "key_1"],
  ["quarantine", "list"],
  ["quarantine", "replay", "--all"],
  ["deadletters", "list"],
  ["erase", "--person", "7", "--all", "--yes"],
  ["pictures", "export", "out"],
];

describe("a folder without a Gatepost", () => {
  it.each(commands)("`%s %s` makes no Gatepost", async (...args) => {
    const data = await dataFolder();
    const { code, stdout, stderr } = await gatepost(...args, "--data", data);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^gatepost: no Gatepost in [^\n]+--data[^\n]*\n$/);
    expect(stderr).toContain(`in ${data};`);
    expect(existsSync(data)).toBe(false);
  });

  it("a command makes no Gatepost in a folder with other files", async () => {
    const data = await dataFolder();
    await mkdir(data);
    expect((await gatepost("keys", "list", "--data", data)).code).toBe(1);
    expect(existsSync(join(data, "gatepost.db"))).toBe(false);
  });

  it.each([
    ["beside it", "../data", "../dta"],
    ["in it", "../data", ".."],
    ["above it", "../data", "../data/pictures"],
    ["in .gatepost of a folder above it", "../.gatepost", "../packages/cli"],
    ["in .gatepost in it", "../x/.gatepost", "../x"],
  ])("a store %s is suggested", async (_, store, asked) => {
    const data = await dataFolder();
    const folder = join(data, store);
    await (await serve(folder)).stop();
    const { stderr } = await gatepost("keys", "list", "--data", join(data, asked));
    expect(stderr).toBe(`gatepost: no Gatepost in ${join(data, asked)}; did you mean --data ${folder}?\n`);
  });

  it("a suggested command can be typed unchanged", async () => {
    const data = await dataFolder();
    await (await serve(join(data, "../my store"))).stop();
    const { stderr } = await gatepost("keys", "list", "--data", data);
    expect(stderr).toContain(`did you mean --data '${join(data, "../my store")}'?`);
  });
});

describe("a folder with pictures and without the database", () => {
  it.each([...commands, ["serve"], ["status"], ["doctor"], ["doctor", "--repair"], ["backup", "copy"]])(
    "`%s %s` refuses it in one line, with the remedy",
    async (...args) => {
      const data = await dataFolder();
      await mkdir(join(data, "pictures"), { recursive: true });
      await writeFile(join(data, "pictures", "2026-11.pack"), "picture");
      const { code, stdout, stderr } = await gatepost(...args, "--data", data);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^gatepost: cannot use [^\n]+ gatepost\.db is gone[^\n]+restore a backup[^\n]+\n$/);
      expect(existsSync(join(data, "gatepost.db"))).toBe(false);
    },
  );
});

describe("a damaged lock.db", () => {
  const damage = (data: string) => writeFile(join(data, "lock.db"), "no database".repeat(900));

  it.each([["keys", "list"], ["doctor"], ["status"]])("`%s %s` works", async (...args) => {
    const data = await emptyStore();
    await damage(data);
    const { stderr } = await gatepost(...args, "--data", data);
    expect(stderr).not.toMatch(/damaged|not a database|restore/);
  });

  it("a server starts, and keeps a second one out after later damage", async () => {
    const data = await emptyStore();
    await damage(data);
    const server = await serveProcess(data);
    await damage(data);
    const { code, stderr } = await gatepost("serve", "--port", "0", "--data", data);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/another Gatepost uses/)]);
    expect((await gatepost("keys", "list", "--data", data)).code).toBe(0);
    expect((await server.stop()).code).toBe(0);
  });
});

describe("a folder that another process uses for a moment", () => {
  /** Uses a folder, as a command does, and leaves it soon. */
  function used(data: string): void {
    const unlock = lock(join(data, "lock.db"), { wait: 0, taken: () => new Error("it is used already") });
    setTimeout(unlock, 300);
  }

  it("a server waits for the folder", async () => {
    const data = await emptyStore();
    used(data);
    const { url } = await serve(data);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("a command waits for the folder, and asks no server at a reused port", async () => {
    const other = await serve(await dataFolder());
    const data = await emptyStore();
    await announce(data, { url: other.url, token: "gpa_of_the_killed_one" });
    used(data);
    expect(await gatepostJson("keys", "list", "--data", data)).toEqual({ keys: [] });
  });
});

describe("every command names its data folder on stderr, and prints only its answer on stdout", () => {
  it.each([
    ["keys", "list"],
    ["quarantine", "list"],
    ["deadletters", "list"],
  ])("`%s %s`, beside a server and without one", async (...args) => {
    const data = await dataFolder();
    const server = await serve(data);
    for (const stop of [async () => {}, server.stop]) {
      await stop();
      const { stdout, stderr } = await gatepost(...args, "--json", "--data", data);
      expect(stderr).toBe(`data folder: ${data}\n`);
      expect(JSON.parse(stdout)).toBeTypeOf("object");
    }
  });

  it("no folder is named with --url", async () => {
    const { url, admin } = await serve(await dataFolder());
    expect((await gatepost("keys", "list", "--url", url, "--token", admin)).stderr).toBe("");
  });

  it("control characters in a folder's name are not printed", async () => {
    const data = join(await dataFolder(), "..", "\u001b[2Jx\ny");
    await (await serve(data)).stop();
    const { stderr } = await gatepost("keys", "list", "--data", data);
    expect(stderr).not.toMatch(/[^\P{C}\n]/u);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });
});

describe("`keys create --scope ingest`", () => {
  const create = (...args: string[]) => gatepost("keys", "create", "--scope", "ingest", "--box", "gate-1", ...args);

  /** The URLs that were printed, by their labels. */
  const urlsIn = (stdout: string) =>
    Object.fromEntries([...stdout.matchAll(/^ {2}(\S+) +(\S+)$/gm)].map(([, route, url]) => [route, url]));

  it("prints the base and the URLs of an SE3, under the running server's address", async () => {
    const data = await dataFolder();
    const { url } = await serve(data);
    const { stdout } = await create("--data", data);
    const [token = ""] = stdout.split("\n");
    const urls = urlsIn(stdout);
    expect(urls).toEqual({
      base: `${url}/${token}`,
      RealTimeEvent: `${url}/${token}/RealTimeEvent`,
      HistoryEvent: `${url}/${token}/HistoryEvent`,
    });
    const sent = await fetch(urls["HistoryEvent"] ?? "", { method: "POST", body: "{}" });
    expect(sent.status).toBe(200);
  });

  it("prints URLs under the public address of the server or of the command", async () => {
    const data = await dataFolder();
    await serve(data, { publicUrl: "https://gate.example.com" });
    expect(urlsIn((await create("--data", data)).stdout)["HistoryEvent"]).toMatch(
      /^https:\/\/gate\.example\.com\/gpi_/,
    );
    const { stdout } = await create("--data", data, "--public-url", "http://10.0.0.5:9528/");
    expect(urlsIn(stdout)["HistoryEvent"]).toMatch(/^http:\/\/10\.0\.0\.5:9528\/gpi_/);
  });

  it("URLs are printed under --url, or without a server under the usual port", async () => {
    const { url, admin } = await serve(await dataFolder());
    expect((await create("--url", url, "--token", admin)).stdout).toContain(`  ${url}/gpi_`);
    expect((await create("--data", await emptyStore())).stdout).toMatch(
      / {2}http:\/\/[\d.]+:9528\/gpi_\S+\/HistoryEvent\n/,
    );
  });

  it("--json gives one document, and other keys have no URLs", async () => {
    const data = await emptyStore();
    const args = ["--scope", "ingest", "--box", "gate-1", "--public-url", "https://x.example"];
    const made = await gatepostJson<NewKey>("keys", "create", ...args, "--data", data);
    expect(made).toEqual({ id: made.id, scope: "ingest", box: "gate-1", token: made.token });
    const read = await gatepost("keys", "create", "--scope", "read", "--data", data);
    expect(read.stdout).not.toContain("http");
  });
});
