import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ProgressBar } from "../../../packages/cli/src/progress-bar.ts";
import { bin } from "../../support/command.ts";
import { missing } from "../../support/required.ts";
import { dataFolder, emptyStore, gatepost, gatepostJson, serve } from "./support.ts";

const noTerminal = missing("script", ["--version"], "script, of util-linux");

async function filled() {
  const data = await dataFolder();
  const server = await serve(data, { open: true });
  for (const [id, at] of [
    ["77", 1],
    ["77", 2],
    ["78", 1],
  ] as const) {
    const body = { identity_id: id, timestamp: 1_793_851_200_000 + at, want_action: "0", ext_data: { ep_id: "A__1" } };
    const sent = await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
    expect(sent.status).toBe(200);
  }
  return { data, server };
}

describe("erase", () => {
  it("erases a person, beside a server and without one, and prints the receipt", async () => {
    const { data, server } = await filled();
    const erase = (...args: string[]) => gatepostJson("erase", "--data", data, "--person", ...args);
    expect(await erase("77", "--box", "other")).toMatchObject({ erased: { events: 0 } });
    expect(await erase("77", "--box", "open", "other")).toEqual({
      records: [],
      keptOutUntil: expect.any(String),
      erased: { events: 2, pictures: 0, quarantine: 0, outbox: 0 },
      kept: { pictures: 0 },
      unknown: { quarantine: 0, goneBy: null },
      agesOut: [
        { what: "packs", goneBy: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
        { what: "backups", goneBy: null },
      ],
      suppressed: true,
      removals: { asked: 0 },
      at: expect.any(String),
      by: "key_process",
      unknownBoxes: ["other"],
    });
    const typed = await gatepost("erase", "--data", data, "--person", "79", "--box", "open", "opne");
    expect(typed.stdout).toMatch(
      /^0 events are erased,(?:.*\n)+There is no box opne: it has no key, and has sent nothing\.\n$/,
    );
    expect(typed.stdout).not.toContain("no box open");
    await server.stop();
    const one = await gatepost("erase", "--data", data, "--person", "78", "--all", "--yes");
    expect(one.stdout).toMatch(/^1 event is erased, with 0 pictures and 0 reports in quarantine\.\n/);
    const { stdout } = await gatepost("erase", "--data", data, "--person", "78", "--all", "--yes");
    expect(stdout).toMatch(
      /^0 events are erased, with 0 pictures and 0 reports in quarantine\.\nLater reports of passings up to \S+ are not stored\.\nNot reached: packs, gone by /,
    );
  });

  it("prints people, boxes and counts for --dry-run, and erases nothing", async () => {
    const { data, server } = await filled();
    const dryRun = (...args: string[]) => gatepost("erase", "--data", data, "--person", "77", "--dry-run", ...args);
    const all = await dryRun("--all");
    expect(all.stdout).toMatch(
      /^BOX +NAMES +TYPE +EVENTS.*\nopen +- +employee +2 +0 +0 .*\n2 events of person 77 at 1 box\n$/,
    );
    expect((await dryRun("--box", "other")).stdout).toBe("No event of person 77 is stored there.\n");
    expect(JSON.parse((await dryRun("--box", "open", "--json")).stdout)).toMatchObject({
      people: [{ box: "open", id: "77", events: 2 }],
      isExact: true,
    });
    await server.stop();
    expect((await dryRun("--all")).stdout).toBe(all.stdout);
  });

  it("refuses --all without --yes if there is no terminal", async () => {
    const { data } = await filled();
    const refused = await gatepost("erase", "--data", data, "--person", "77", "--all");
    expect(refused).toEqual({
      code: 2,
      stdout: "",
      stderr: "gatepost: --all erases at every box: see what it would erase with --dry-run, then give --yes\n",
    });
    expect(await gatepostJson("erase", "--data", data, "--person", "77", "--all", "--yes")).toMatchObject({
      erased: { events: 2 },
    });
  });

  it.skipIf(noTerminal !== null)(
    "asks on a terminal, after a preview, and prints only the receipt on stdout",
    async () => {
      const { data } = await filled();
      const receipt = join(await emptyFolder(), "receipt");
      const command = (json: string) => `${process.execPath} ${bin} erase --data ${data} --person 77 --all ${json}`;
      const refused = await typed(`${command("")} > ${receipt}`, { "Erase this permanently?": "n" });
      expect(refused.code).toBe(1);
      expect(refused.shown).toMatch(/open +- +employee +2 .*\s+2 events of person 77 at 1 box/);
      expect(refused.shown).toContain("nothing is erased");
      expect(await readFile(receipt, "utf8")).toBe("");

      const erased = await typed(`${command("--json")} > ${receipt}`, { "Erase this permanently?": "y" });
      expect(erased.code).toBe(0);
      expect(JSON.parse(await readFile(receipt, "utf8"))).toMatchObject({ erased: { events: 2 } });
      expect((await typed(`${command("--yes")} > ${receipt}`, {})).code).toBe(0);
    },
  );

  it("erase needs a person, and boxes or --all", async () => {
    const why = { code: 2, stdout: "", stderr: "gatepost: give the --box, or --all\n" };
    expect(await gatepost("erase", "--person", "7")).toEqual(why);
    expect(await gatepost("erase", "--person", "7", "--all", "--box", "x")).toEqual(why);
    expect((await gatepost("erase", "--all")).code).toBe(2);
  });
});

describe("export", () => {
  it("writes events into a file, beside a server and without one", async () => {
    const { data, server } = await filled();
    const folder = await emptyFolder();
    const file = join(folder, "events.csv");
    const args = ["--data", data, "--person", "77", "--columns", "person", "time"];
    expect(await gatepostJson("export", file, ...args)).toEqual({ events: 2, file });
    const table = (await readFile(file)).toString();
    expect(table).toMatch(/^\uFEFF"person","time"\r\n("77","[^"]+"\r\n){2}$/);
    await server.stop();
    for (const name of ["events.ndjson", "events.zip"]) {
      const { stdout } = await gatepost("export", join(folder, name), "--data", data);
      expect(stdout).toBe(`3 events are in ${join(folder, name)}.\n`);
    }
    expect((await readdir(folder)).sort()).toEqual(["events.csv", "events.ndjson", "events.zip"]);
    expect(await readdir(join(data, "exports"))).toEqual([]);
  });

  // It has names and pictures of persons.
  it.skipIf(process.platform === "win32")("writes a file for its owner alone", async () => {
    const file = join(await emptyFolder(), "events.csv");
    await writeFile(`${file}.part`, "of an export that was cut short", { mode: 0o644 });
    expect(await gatepostJson("export", file, "--data", await emptyStore())).toEqual({ events: 0, file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("a time range that ends before it begins is named as empty", async () => {
    const data = await emptyStore();
    const file = join(await emptyFolder(), "events.csv");
    const between = (from: string, to: string) =>
      gatepost("export", file, "--data", data, "--from", from, "--to", to).then(({ stderr }) => stderr);
    const said = "--from is not before --to: nothing can be between them\n";
    expect(await between("2026-11-02T00:00:00Z", "2026-11-01T00:00:00+08:00")).toContain(said);
    expect(await between("1793851200000", "1793851200000")).toContain(said);
    expect(await between("2026-11-01T00:00:00Z", "1793851200001")).not.toContain(said);
  });

  it("faults are named by the options that were typed", async () => {
    const file = join(await emptyFolder(), "events.csv");
    const wrong = ["--from", "yesterday", "--type", "vip", "--type", "guest"];
    const { code, stderr } = await gatepost("export", file, "--data", await emptyStore(), ...wrong);
    expect(code).toBe(2);
    expect(stderr).toMatch(/\ngatepost: --from: must be a time [^\n]+; --type: must be one of employee, [^\n]+\n$/);
  });

  it("a repeated filter matches any of its values", async () => {
    const { data } = await filled();
    const file = join(await emptyFolder(), "events.csv");
    const both = ["--person", "77", "--person", "78", "--person", "nobody"];
    expect(await gatepostJson("export", file, "--data", data, ...both)).toEqual({ events: 3, file });
  });

  it("an impossible export is refused with the reason", async () => {
    const data = await emptyStore();
    const to = (file: string, ...args: string[]) => gatepost("export", file, "--data", data, ...args);
    expect(await to("events.pdf")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("the file must end with .csv, .xlsx, .ndjson or .zip"),
    });
    expect((await to(join(await emptyFolder(), "no", "such.csv"))).stderr).toMatch(/^gatepost: cannot write [^\n]+\n$/);
    const folder = await emptyFolder();
    await mkdir(join(folder, "taken.csv"));
    expect((await to(join(folder, "taken.csv"))).stderr).toMatch(/\ngatepost: cannot write [^\n]+\n$/);
    expect([await readdir(folder), await readdir(join(data, "exports"))]).toEqual([["taken.csv"], []]);
    expect((await to("x.csv", "--from", "yesterday")).code).toBe(2);
  });
});

/** A Gatepost whose jobs are done at once, with this result, and which answers nothing else. */
async function doing(result: object): Promise<string> {
  const job = { id: "job_1", state: "done", done: 1, of: 1, reason: null, result };
  const server = createServer(({ url }, response) => {
    if (url?.startsWith("/v1/jobs")) response.end(JSON.stringify(job));
    else response.destroy();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("the result of a job", () => {
  it("an unreachable result is named by its server, without the secret part of the link", async () => {
    const url = await doing({ events: 1, url: "http://127.0.0.1:9/results/x.csv?signature=secret" });
    const file = join(await emptyFolder(), "events.csv");
    const { code, stderr } = await gatepost("export", file, "--url", url, "--token", "gpa_x");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gatepost: the result cannot be read: cannot reach http:\/\/127\.0\.0\.1:9: [^\n]+\n$/);
    expect(stderr).not.toContain("secret");
  });

  it("the receipt of an erasure is printed even if the server is gone by then", async () => {
    const receipt = {
      erased: { events: 1, pictures: 0, quarantine: 0, outbox: 0 },
      kept: { pictures: 0 },
      unknown: { quarantine: 0, goneBy: null },
      agesOut: [],
      removals: { asked: 0 },
      records: [],
    };
    const remote = ["--url", await doing(receipt), "--token", "gpa_x"];
    expect(await gatepostJson("erase", "--person", "7", "--box", "gate-1", ...remote)).toEqual(receipt);
  });

  it("a result in an unknown form is refused", async () => {
    const url = await doing({ events: 1 });
    const { code, stderr } = await gatepost(
      "erase",
      "--person",
      "7",
      "--all",
      "--yes",
      "--url",
      url,
      "--token",
      "gpa_x",
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gatepost: job_1 is done, but its result has an unknown form; [^\n{]+\n$/);
  });
});

describe("a progress bar", () => {
  const written = (isTTY: boolean) => {
    const texts: string[] = [];
    {
      using bar = new ProgressBar("erasing", { isTTY, write: (text) => texts.push(text) });
      for (const done of [0, 96, 218]) bar.show({ done, of: done === 0 ? 0 : 218 });
    }
    return texts;
  };

  it("is shown on a terminal, and leaves nothing behind", () => {
    const texts = written(true);
    expect(texts[1]).toContain(`[${"#".repeat(13)}${"-".repeat(17)}] 96 of 218`);
    expect(texts.at(-1)).toBe("\r\u001B[2K");
  });

  it("a progress bar is not shown without a terminal", () => {
    expect(written(false)).toEqual([]);
  });
});

/** Runs a command on a terminal, and types an answer once its question is shown. */
async function typed(
  command: string,
  answers: Record<string, string>,
): Promise<{ code: number | null; shown: string }> {
  const child = spawn("script", ["-qefc", `stty columns 100; ${command}`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const open = new Map(Object.entries(answers));
  let shown = "";
  child.stdout.on("data", (chunk) => {
    shown += chunk;
    for (const [question, answer] of open) {
      if (!shown.includes(question)) continue;
      child.stdin.write(answer);
      open.delete(question);
    }
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, shown };
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-export-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
