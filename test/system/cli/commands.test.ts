import { once } from "node:events";
import { readdir, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import {
  dataFolder,
  type Ended,
  emptyStore,
  gatepost,
  gatepostJson,
  gatepostProcess,
  serve,
  serveProcess,
} from "./support.ts";

interface NewKey {
  id: string;
  token: string;
}

interface Replayed {
  stored: number;
  kept: object[];
}

interface Records {
  records: { id: string; event: { id: string } | null }[];
  dropped: object;
}

const failedOn = (data: string, why: string): Ended => ({
  code: 1,
  stdout: "",
  stderr: `data folder: ${data}\ngatepost: ${why}\n`,
});
const misused = (why: string): Ended => ({ code: 2, stdout: "", stderr: `gatepost: ${why}\n` });

describe("the audit log", () => {
  it("the audit log is listed, and its chain verified against a noted head", async () => {
    const data = await emptyStore();
    expect((await gatepost("audit", "verify", "--data", data)).stdout).toBe("The audit log has no entry.\n");
    const { id } = await gatepostJson<{ id: string }>("keys", "create", "--scope", "admin", "--data", data);
    await gatepost("keys", "revoke", id, "--data", data);
    const { stdout } = await gatepost("audit", "list", "--data", data);
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(2).join(" "))).toEqual([
      "BY ACTION OUTCOME ABOUT",
      `key_process key-revoked done key=${id} asked=3`,
      `key_process key-revoked asked key=${id}`,
      `key_process key-made done scope=admin key=${id} asked=1`,
      "key_process key-made asked scope=admin",
      "",
    ]);
    const none = ["--from", "2030-01-01T00:00:00Z", "--data", data];
    expect(await gatepostJson("audit", "list", ...none)).toEqual({ entries: [] });
    const found = await gatepostJson<{ head: { seq: number; hash: string } }>("audit", "verify", "--data", data);
    expect(found).toMatchObject({ entries: 4, oldest: 1, brokenAt: null, faults: [], head: { seq: 4 } });
    const known = `4:${found.head.hash}`;
    expect((await gatepost("audit", "verify", "--head", known, "--data", data)).code).toBe(0);
    const later = await gatepost("audit", "verify", "--head", `9:${found.head.hash}`, "--data", data);
    expect(later).toMatchObject({ code: 1, stdout: expect.stringContaining("its end was cut off") });
    expect((await gatepost("audit", "verify", "--head", "nine", "--data", data)).code).toBe(2);
    expect((await gatepost("audit", "list", "--to", "noon", "--data", data)).code).toBe(2);
  });
});

describe("keys", () => {
  it("keys are listed with their limits", async () => {
    const data = await emptyStore();
    const limits = ["--rate", "5/s", "20", "--daily-bytes", "2gb"];
    await gatepostJson("keys", "create", "--scope", "ingest", "--box", "a", ...limits, "--data", data);
    const { keys } = await gatepostJson<{ keys: object[] }>("keys", "list", "--data", data);
    expect(keys).toMatchObject([{ rate: { perSecond: 5, burst: 20 }, dailyBytes: 2 * 1024 ** 3 }]);
    const { stdout } = await gatepost("keys", "list", "--data", data);
    expect(stdout).toMatch(/RATE +BYTES A DAY\n.* 5\/s, 20 at once +2147483648\n$/);
  });

  it("keys are listed with their note, expiry, and boxes or site", async () => {
    const data = await emptyStore();
    const bounds = ["--note", "guard desk", "--expires", "2040-01-31T00:00:00+08:00", "--box", "a", "--box", "b"];
    await gatepostJson("keys", "create", "--scope", "read", ...bounds, "--data", data);
    await gatepostJson("keys", "create", "--scope", "read", "--expires", "90d", "--site", "east", "--data", data);
    const { keys } = await gatepostJson<{ keys: { expiresAt: string }[] }>("keys", "list", "--data", data);
    expect(keys).toMatchObject([
      { scope: "read", box: null, boxes: ["a", "b"], note: "guard desk", expiresAt: "2040-01-30T16:00:00.000Z" },
      { scope: "read", site: "east" },
    ]);
    await gatepostJson("keys", "create", "--scope", "read", "--expires", "48h", "--data", data);
    const { keys: more } = await gatepostJson<{ keys: { expiresAt: string }[] }>("keys", "list", "--data", data);
    const hours = (Date.parse(more.at(-1)?.expiresAt ?? "") - Date.now()) / (60 * 60 * 1000);
    expect(Math.round(hours)).toBe(48);
    const days = (Date.parse(keys[1]?.expiresAt ?? "") - Date.now()) / (24 * 60 * 60 * 1000);
    expect(Math.round(days)).toBe(90);
    const { stdout } = await gatepost("keys", "list", "--data", data);
    expect(stdout).toMatch(/EXPIRES +NOTE\n.* read +a, b .* 2040-01-30T16:00:00.000Z +guard desk\n/);
  });

  it.each([
    [["--box", "a", "--box", "b"], "only a read key may have several --box"],
    [["--box", "a", "--site", "east"], "--site"],
    [["--site", "east"], "; --box: name the box that an ingest key is for"],
    [["--box", "a", "--expires", "soon"], "--expires"],
    [["--box", "a", "--expires", "2027-01-31"], "--expires"],
    [["--box", "a", "--expires", "2020-01-31T00:00:00Z"], "gatepost: --expires: must be later than now"],
    [["--box", "a", "--note", ""], "gatepost: --note: leave it out"],
    [["--box", "a", "--rate", "99999"], "gatepost: --rate: must be 10000 at most"],
    [["--box", "a", "--serial", "S1"], "gatepost: --serial: must be 4 to 32"],
    [["--box", "a", "--note", "x", "--stage", "production"], "--stage makes a first key"],
  ])("an ingest key with %j is refused", async (options, why) => {
    const at = options.includes("--stage") ? [] : ["--data", await emptyStore()];
    const { code, stderr } = await gatepost("keys", "create", "--scope", "ingest", ...options, ...at);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  });

  it.each([
    ["--rate", "0"],
    ["--rate", "fast"],
    ["--rate", "5/min"],
    ["--rate", "5", "0"],
    ["--rate", "5", "6", "7"],
    ["--daily-bytes", "0"],
    ["--daily-bytes", "much"],
    ["--daily-bytes", "1", "--stage", "production"],
    ["--rate", "1", "--stage", "production"],
  ])("a key with %s %s is refused", async (...limits) => {
    const at = limits.includes("--stage") ? [] : ["--data", await emptyStore()];
    const made = await gatepost("keys", "create", "--scope", "ingest", "--box", "a", ...limits, ...at);
    expect([made.code, made.stdout, made.stderr.trimEnd().split("\n").at(-1)]).toEqual([
      2,
      "",
      expect.stringContaining(limits[0] ?? ""),
    ]);
  });

  it("keys are made, listed and revoked in a folder without a server", async () => {
    const data = await emptyStore();
    const made = await gatepostJson<NewKey>("keys", "create", "--scope", "ingest", "--box", "门-1", "--data", data);
    expect(made).toEqual({ id: made.id, scope: "ingest", box: "门-1", token: expect.stringMatching(/^gpi_/) });
    expect(await gatepost("keys", "revoke", made.id, "--data", data)).toMatchObject({
      code: 0,
      stderr: `data folder: ${data}\n`,
    });
    const { keys } = await gatepostJson<{ keys: object[] }>("keys", "list", "--data", data);
    const { token: _, ...shown } = made;
    const instant = expect.stringMatching(/Z$/);
    expect(keys).toEqual([{ ...shown, createdAt: instant, lastUsedAt: null, revokedAt: instant }]);
    const { stdout } = await gatepost("keys", "list", "--data", data);
    expect(stdout).toMatch(/^ID +SCOPE +BOX +CREATED +LAST USED +REVOKED\nkey_\w+ +ingest +门-1/);
  });

  it("new and revoked keys take effect at once beside a running server", async () => {
    const data = await dataFolder();
    const { url } = await serve(data);
    const { id, token } = await gatepostJson<NewKey>("keys", "create", "--scope", "read", "--data", data);
    const status = async () =>
      (await fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await status()).toBe(200);
    await gatepost("keys", "revoke", id, "--data", data);
    expect(await status()).toBe(401);
  });

  it("names the fault of a wrong option", async () => {
    const data = await emptyStore();
    const create = (...args: string[]) => gatepost("keys", "create", "--data", data, ...args);
    expect(await create("--scope", "ingest")).toEqual({
      ...failedOn(data, "--box: name the box that an ingest key is for"),
      code: 2,
    });
    expect((await create("--scope", "ingest", "--box", "../x")).stderr).toContain(
      "gatepost: --box: must be 1 to 64 letters",
    );
    expect((await create("--scope", "root")).code).toBe(2);
    expect(await gatepost("keys", "revoke", "../../x", "--data", data)).toEqual(
      failedOn(data, "there is no such key; list them"),
    );
  });

  it("several commands make keys at the same time", async () => {
    const data = await emptyStore();
    const made = Array.from({ length: 3 }, () => gatepostProcess("keys", "create", "--scope", "read", "--data", data));
    for (const { code, stderr } of await Promise.all(made))
      expect([code, stderr]).toEqual([0, `data folder: ${data}\n`]);
    expect(await gatepostJson("keys", "list", "--data", data)).toHaveProperty("keys.length", 3);
  });
});

describe("quarantine and pictures, beside a server and without one", () => {
  async function filled(): Promise<{ data: string; server: Awaited<ReturnType<typeof serve>> }> {
    const data = await dataFolder();
    const server = await serve(data, { open: true });
    const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2]).toString("base64");
    const passing = {
      identity_id: "7",
      timestamp: 1,
      reg_pic: "broken",
      ext_data: { spot_pic: picture, ep_id: "A__1" },
    };
    for (const body of ['{"hello":"\\u001b[31m"}', JSON.stringify(passing), Buffer.from([0xff, 0xfe])]) {
      expect((await fetch(`${server.url}/HistoryEvent`, { method: "POST", body })).status).toBe(200);
    }
    return { data, server };
  }

  async function look(data: string): Promise<void> {
    const { records, dropped } = await gatepostJson<Records>("quarantine", "list", "--data", data);
    expect([records.length, dropped]).toEqual([3, {}]);
    expect((await gatepostJson<Records>("quarantine", "list", "--box", "other", "--data", data)).records).toEqual([]);
    const shown = await Promise.all(records.map(({ id }) => gatepostJson("quarantine", "show", id, "--data", data)));
    expect(shown).toContainEqual(expect.objectContaining({ bodyBase64: "//4=" }));
    expect(shown).toContainEqual(expect.objectContaining({ body: '{"hello":"\\u001b[31m"}', reason: "unknown-shape" }));
    const replay = (...which: string[]) => gatepostJson<Replayed>("quarantine", "replay", ...which, "--data", data);
    expect(await replay("--reason", "unknown-shape")).toMatchObject({ stored: 0, kept: [{ reason: "unknown-shape" }] });
    expect(await replay("--box", "other")).toEqual({ stored: 0, noEvent: 0, kept: [] });
    const said = await gatepost("quarantine", "replay", "--reason", "no-json", "--data", data);
    expect(said.stdout).toBe("There is none to replay.\n");
    expect(await gatepost("quarantine", "replay", "--box", "", "--data", data)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("box: must not be empty"),
    });
    expect((await replay("--all")).kept).toHaveLength(3);
    const pictures = join(data, "..", "pictures");
    expect(await gatepostJson("pictures", "export", pictures, "--data", data)).toEqual({ pictures: 1, failed: 0 });
    const [month = ""] = await readdir(pictures);
    expect(await readdir(join(pictures, month))).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z_open_7_scene_[0-9a-f]{16}\.jpg$/),
    ]);
  }

  it("refused reports are shown and replayed", async () => {
    const { data, server } = await filled();
    await look(data);
    await server.stop();
    await look(data);
  });

  it("readable pictures are exported; an unreadable one gives a line and exit code 1", async () => {
    const { data, server } = await filled();
    await server.stop();
    const packs = join(data, "pictures");
    const [pack = ""] = await readdir(packs);
    await truncate(join(packs, pack), 3);
    const { code, stdout, stderr } = await gatepost(
      "pictures",
      "export",
      join(data, "../out"),
      "--json",
      "--data",
      data,
    );
    expect([code, JSON.parse(stdout)]).toEqual([1, { pictures: 0, failed: 1 }]);
    expect(stderr).toMatch(
      /^data folder: [^\n]+\ngatepost: 1 could not be read from [^\n]+; restore pictures\/ [^\n]+: its pack ends before it\n$/,
    );
  });

  it("a replay stores the readable reports, and names the others", async () => {
    const { data } = await filled();
    const { records } = await gatepostJson<Records>("quarantine", "list", "--data", data);
    const { code, stdout, stderr } = await gatepost(
      "quarantine",
      "replay",
      "nope",
      records[0]?.id ?? "",
      "--data",
      data,
    );
    expect(code).toBe(1);
    expect(stdout).toContain(`${records[0]?.id} kept: `);
    expect(stderr).toMatch(/^data folder: [^\n]+\ngatepost: not replayed: nope: there is no such record[^\n]*\n$/);
  });

  it("a replay without a selection is refused", async () => {
    const asked = misused("give the ids to replay, or --all, --box or --reason");
    expect(await gatepost("quarantine", "replay")).toEqual(asked);
    expect(await gatepost("quarantine", "replay", "x", "--all")).toEqual(asked);
  });
});

describe("a data folder", () => {
  it.each(["", "{", "[]", '{"url":"file:///etc/passwd"}', '{"url":"http://127.0.0.1:1","token":"gpa_dead"}'])(
    "a folder opens although a dead server left %j",
    async (left) => {
      const data = await emptyStore();
      await writeFile(join(data, "server.json"), left);
      expect(await gatepostJson("keys", "list", "--data", data)).toEqual({ keys: [] });
    },
  );

  it("the folder of a killed server opens", async () => {
    const data = await dataFolder();
    const server = await serveProcess(data);
    await server.stop("SIGKILL");
    expect(await gatepostJson("keys", "list", "--data", data)).toHaveProperty("keys.length", 2);
  });

  it("a command asks the running server, even if that can store nothing", async () => {
    const data = await dataFolder();
    await serve(data);
    const full = createServer(({ url }, response) =>
      response.writeHead(url === "/healthz" ? 503 : 200).end('{"keys":[],"next":null}'),
    ).listen(0, "127.0.0.1");
    onTestFinished(() => void full.close());
    await once(full, "listening");
    const url = `http://127.0.0.1:${(full.address() as AddressInfo).port}`;
    await writeFile(join(data, "server.json"), JSON.stringify({ url, token: "gpa_x" }));
    expect(await gatepostJson("keys", "list", "--data", data)).toEqual({ keys: [] });
  });

  it("a file in the place of the folder is refused in one line", async () => {
    const data = await dataFolder();
    await writeFile(data, "a file");
    const { code, stdout, stderr } = await gatepost("keys", "list", "--data", data);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^gatepost: no Gatepost in \/[^\n]+\/data, which is a file; [^\n]+\n$/);
  });
});

it("the commands that status prints can be run", async () => {
  const data = await dataFolder();
  const server = await serve(data, { open: true });
  const post = (body: string) => fetch(`${server.url}/HistoryEvent`, { method: "POST", body });
  expect((await post("not understood")).status).toBe(200);
  const asking = { identity_id: "7", timestamp: Date.now(), want_action: "1002", ext_data: { ep_id: "A__1" } };
  expect((await post(JSON.stringify(asking))).status).toBe(200);
  const headers = { authorization: `Bearer ${server.admin}` };
  const listed = await (await fetch(`${server.url}/v1/actions`, { headers })).json();
  const [action] = z.object({ actions: z.array(z.object({ id: z.string() })) }).parse(listed).actions;
  const failed = JSON.stringify({ state: "failed", note: "no" });
  await fetch(`${server.url}/v1/actions/${action?.id}`, { method: "POST", headers, body: failed });
  const hints = async () => {
    const { stdout } = await gatepost("status", "--data", data);
    return [...stdout.matchAll(/`gatepost ([^`]+)`/g)].map(([, command = ""]) => command.split(" "));
  };
  // Counts are up to five seconds old.
  await expect.poll(async () => (await hints()).length).toBe(2);
  for (const words of await hints()) {
    const { code, stdout } = await gatepost(...words);
    expect([code, stdout.split("\n").length > 1], words.join(" ")).toEqual([0, true]);
  }
});
