import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import type { FirstKeys } from "../../../packages/cli/src/keys/first-file.ts";
import { writeKeys } from "../../../packages/cli/src/runtime/start.ts";
import { bin } from "../../support/command.ts";
import { missing } from "../../support/required.ts";
import { dataFolder, emptyStore, ending, gatepost, gatepostJson, serve, serveProcess, startLines } from "./support.ts";

const report = JSON.stringify({ identity_id: "7", timestamp: 1_793_851_200_000, ext_data: { ep_id: "A__10.0.0.2" } });
const success = '{"message":"SUCCESS","status":0}';
const routes = [
  "RealTimeEvent",
  "HistoryEvent",
  "EventServer/api/HistoryEvent",
  "AsyncEvent",
  "PassRecord",
  "LiveEvent",
];

const fileIn = (data: string) => join(data, "first-keys.json");
const keysIn = async (data: string): Promise<FirstKeys> => JSON.parse(await readFile(fileIn(data), "utf8"));

/** Opens a first link as a browser. Resolves with the status and the cookie. */
async function open(link: string): Promise<{ status: number; cookie: string }> {
  const [url = "", code] = link.split("/#setup=");
  const headers = { origin: url, "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/sign-in/setup`, { method: "POST", headers, body: JSON.stringify({ code }) });
  return { status: answer.status, cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
}

/** Delivers a report by one of the URLs, and reads it by the first link, which works once. */
async function use({ history, signIn }: { history: string; signIn: string }): Promise<void> {
  const delivered = await fetch(history, { method: "POST", body: report });
  expect(await delivered.text()).toBe(success);
  const { status, cookie } = await open(signIn);
  expect(status).toBe(204);
  const read = await fetch(`${signIn.split("/#")[0]}/v1/events`, { headers: { cookie } });
  expect(await read.json()).toMatchObject({ events: [{ box: { id: "box-1" }, person: { id: "7" } }] });
  expect((await open(signIn)).status).toBe(410);
}

/** A terminal, which `script` (util-linux) makes for a command. */
const noTerminal = missing("script", ["--version"], "script of util-linux");

describe.skipIf(noTerminal !== null)("the first start on a terminal", () => {
  it("begins with the addresses of the box, and logs behind them", async () => {
    const data = await dataFolder();
    const command = [process.execPath, bin, "serve", "--data", data, "--port", "0", "--host", "127.0.0.1"].join(" ");
    const child = spawn("script", ["-qefc", command, "/dev/null"], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = ending(child);
    onTestFinished(async () => {
      child.kill("SIGTERM");
      await ended;
    });
    const lines = await startLines(child, ended);
    expect(lines[0]).toMatch(/^Paste into the first box, box-1/);
    const atListening = lines.findIndex((line) => line.startsWith("listening on "));
    expect(lines.slice(0, atListening).filter((line) => line.startsWith("{"))).toEqual([]);
  });
});

describe("the first start without a terminal", () => {
  it("prints no key and names the file that has them, for its owner alone", async () => {
    const data = await dataFolder();
    const server = await serveProcess(data, "--host", "127.0.0.1");
    expect(server.lines.at(-1)).toBe(`listening on ${server.url}`);
    expect(server.lines.join("\n")).toContain(fileIn(data));
    expect(server.lines).toContainEqual(expect.stringMatching(/^No box can reach http:\/\/127\.0\.0\.1:\d+: give /));
    expect((await stat(fileIn(data))).mode & 0o777).toBe(0o600);
    const { ingest, admin } = await keysIn(data);
    expect(ingest.box).toBe("box-1");
    expect(ingest.token).toMatch(/^gpi_[\w-]{27}$/);
    expect(ingest.urls).toEqual(
      Object.fromEntries(routes.map((route) => [route, `${server.url}/${ingest.token}/${route}`])),
    );
    expect(admin).toEqual({
      token: expect.stringMatching(/^gpa_/),
      signIn: expect.stringMatching(new RegExp(`^${server.url}/#setup=gps_[\\w-]{27}$`)),
    });
    await use({ history: ingest.urls["HistoryEvent"] ?? "", signIn: admin.signIn });
    const byKey = await fetch(`${server.url}/v1/keys`, { headers: { authorization: `Bearer ${admin.token}` } });
    expect(byKey.status).toBe(200);

    const { code, stdout, stderr } = await server.stop();
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toEqual(server.lines);
    for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
    expect(stdout + stderr).not.toMatch(/gp[iras]_/);
    expect(stderr).toContain(`"message":"data folder","path":"${data}"`);
  });

  it("later starts warn in one line while the file exists", async () => {
    const data = await dataFolder();
    await (await serve(data, { handOver: writeKeys })).stop();
    const warnings = async () => {
      const server = await serveProcess(data);
      expect(server.lines).toEqual([expect.stringMatching(/^listening on http:\/\/0\.0\.0\.0:\d+$/)]);
      const { stderr } = await server.stop();
      return stderr.split("\n").filter((line) => line.includes('"level":"warn"'));
    };
    expect(await warnings()).toEqual([expect.stringContaining(fileIn(data))]);
    await gatepost("keys", "first", "--forget", "--data", data);
    expect(await warnings()).toEqual([]);
  });

  it("URLs in the file are under the given public address", async () => {
    const data = await dataFolder();
    await serve(data, { handOver: writeKeys, publicUrl: "https://gate.example.com/in" });
    const { ingest, admin } = await keysIn(data);
    expect(ingest.urls["PassRecord"]).toBe(`https://gate.example.com/in/${ingest.token}/PassRecord`);
    expect(admin.signIn).toMatch(/^https:\/\/gate\.example\.com\/in\/#setup=gps_/);
  });

  it("no keys are made if they cannot be written, and the next start makes them", async () => {
    const data = await dataFolder();
    await mkdir(join(fileIn(data), "in the way"), { recursive: true });
    await expect(serve(data, { handOver: writeKeys })).rejects.toThrow();
    expect(await gatepostJson("keys", "list", "--data", data)).toEqual({ keys: [] });
    await rm(fileIn(data), { recursive: true });
    await serve(data, { handOver: writeKeys });
    expect((await keysIn(data)).ingest.box).toBe("box-1");
  });

  it("a link in the place of the keys' file is not followed", async () => {
    const data = await dataFolder();
    await mkdir(data);
    const elsewhere = join(data, "..", "elsewhere");
    await writeFile(elsewhere, "mine");
    for (const name of ["first-keys.json", "first-keys.json.new"]) {
      const link = join(data, name);
      await symlink(elsewhere, link);
      await expect(serve(data, { handOver: writeKeys })).rejects.toThrow(`${link} is a symbolic link`);
      await rm(link);
    }
    expect(await readFile(elsewhere, "utf8")).toBe("mine");
  });
});

it("a first start on a terminal prints the URLs by route, and leaves no file", async () => {
  const data = await dataFolder();
  const { url, lines } = await serve(data);
  const urls = lines.flatMap((line) => /^ {2}(\S+) +(http\S+)$/.exec(line)?.slice(1).join(" ") ?? []);
  const key = /\/(gpi_[\w-]{27})$/.exec(urls[0] ?? "")?.[1];
  const base = `${url}/${key}`;
  expect(urls).toEqual([`base ${base}`, `RealTimeEvent ${base}/RealTimeEvent`, `HistoryEvent ${base}/HistoryEvent`]);
  const signIn = lines.flatMap((line) => /^ {2}(http\S+)$/.exec(line)?.[1] ?? []);
  expect(signIn).toEqual([expect.stringContaining(`${url}/#setup=gps_`)]);
  expect(lines.join("\n")).not.toContain("gpa_");
  await use({ history: urls[2]?.split(" ")[1] ?? "", signIn: signIn[0] ?? "" });
  expect(lines.at(-1)).toBe(`listening on ${url}`);
  expect(existsSync(fileIn(data))).toBe(false);
});

describe("`sign-in`", () => {
  const link = z.object({ url: z.string(), code: z.string(), expires: z.string() });

  it("prints another link beside a running server, at any time", async () => {
    const data = await dataFolder();
    const { url } = await serve(data);
    const made = link.parse(await gatepostJson("sign-in", "--data", data));
    expect(made.url).toBe(`${url}/#setup=${made.code}`);
    expect((await open(made.url)).status).toBe(204);
    expect((await open(made.url)).status).toBe(410);
    const { stdout } = await gatepost("sign-in", "--data", data, "--public-url", "https://gate.example.com");
    expect(stdout).toMatch(
      /^https:\/\/gate\.example\.com\/#setup=gps_[\w-]{27}\n\nThis link signs in as administrator\. It works once, until \S+\.\n$/,
    );
    const audit = await gatepost("audit", "list", "--data", data);
    expect(audit.stdout).toMatch(/key_process +setup-link-made +done/);
    expect(audit.stdout).toMatch(/setup +signed-in +done/);
  });

  it("prints a link without a server that works once one runs", async () => {
    const data = await emptyStore();
    const { code } = link.parse(await gatepostJson("sign-in", "--data", data));
    const { url } = await serve(data);
    expect((await open(`${url}/#setup=${code}`)).status).toBe(204);
  });

  it("makes no store, and refuses `--table` without `--stage`", async () => {
    const none = await gatepost("sign-in", "--data", await dataFolder());
    expect([none.code, none.stdout]).toEqual([1, ""]);
    const wrong = await gatepost("sign-in", "--table", "gatepost-x");
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("--table is the table of a --stage")]);
  });
});

describe("`keys first`", () => {
  async function started(): Promise<{ data: string; keys: FirstKeys }> {
    const data = await dataFolder();
    await serve(data, { handOver: writeKeys });
    return { data, keys: await keysIn(data) };
  }

  it("shows the content of the file, and with `--all` each URL", async () => {
    const { data, keys } = await started();
    expect(await gatepostJson("keys", "first", "--data", data)).toEqual(keys);
    const { code, stdout } = await gatepost("keys", "first", "--data", data);
    expect(code).toBe(0);
    const { RealTimeEvent, HistoryEvent, PassRecord } = keys.ingest.urls;
    for (const text of [RealTimeEvent, HistoryEvent, keys.admin.signIn]) expect(stdout).toContain(text);
    expect(stdout).not.toContain(PassRecord);
    const all = await gatepost("keys", "first", "--all", "--data", data);
    for (const text of Object.values(keys.ingest.urls)) expect(all.stdout).toContain(`${text}\n`);
  });

  it("shows URLs under another address", async () => {
    const { data, keys } = await started();
    const args = ["--data", data, "--public-url", "https://gate.example.com/"];
    const shown = await gatepostJson<FirstKeys>("keys", "first", ...args);
    expect(shown.ingest.urls["LiveEvent"]).toBe(`https://gate.example.com/${keys.ingest.token}/LiveEvent`);
    expect(shown.admin.signIn).toBe(`https://gate.example.com/#${keys.admin.signIn.split("#")[1]}`);
  });

  it("removes the file, and may be asked again", async () => {
    const { data } = await started();
    expect(await gatepostJson("keys", "first", "--forget", "--data", data)).toEqual({ forgotten: true });
    expect(existsSync(fileIn(data))).toBe(false);
    expect(await gatepostJson("keys", "first", "--forget", "--data", data)).toEqual({ forgotten: false });
    const { code, stdout, stderr } = await gatepost("keys", "first", "--data", data);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /gatepost: there is no \/[^\n]+first-keys\.json; make keys with `gatepost keys create --scope ingest --box NAME --data [^`]+`\n$/,
    );
  });

  it.each(["", "{", '{"ingest":7}'])("a file with %j is refused in one line", async (text) => {
    const { data } = await started();
    await writeFile(fileIn(data), text);
    const { code, stdout, stderr } = await gatepost("keys", "first", "--data", data);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/gatepost: \/[^\n]+ is not what the first start wrote; [^\n]+\n$/);
  });

  it.each(["https://x/v1", "https://x/assets/gate", "https://x/a%20b", "https://x/a;b", "https://x/..a"])(
    "refuses the path of %s",
    async (url) => {
      const { code, stderr } = await gatepost("keys", "first", "--public-url", url);
      expect([code, stderr]).toEqual([2, expect.stringContaining("Its path must be of letters")]);
    },
  );

  it.each(["ftp://x", "gate.example.com", "https://x/?a=1", "https://u:p@x"])("refuses the address %s", async (url) => {
    const { code, stderr } = await gatepost("keys", "first", "--public-url", url);
    expect([code, stderr]).toEqual([2, expect.stringContaining("as https://gate.example.com")]);
  });
});
