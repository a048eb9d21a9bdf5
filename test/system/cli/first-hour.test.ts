import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { shellBlocks } from "../../support/documented-commands.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { missing } from "../../support/required.ts";
import { gatepost as run } from "./support.ts";
import { bash, commandsHere, functions } from "./typing.ts";

/*
 * A newcomer's first hour: every command of the README, typed in order into one new data folder. A reader puts in the
 * keys that were printed; so does the test.
 */

const noCurl = missing("curl", ["--version"], "curl");

/** Commands that other tests run, and why they are not typed here. */
const elsewhere = [/^npm /, /box setup/];

interface Typed {
  command: string;
  /** What the README shows below it as its output. */
  shown: string[];
}

/** The commands of a README in order. Lines that begin with `#` are the output of the command above. */
function typedIn(page: string): Typed[] {
  const typed: Typed[] = [];
  for (const line of shellBlocks(page).flatMap(({ text }) => text.trim().split("\n"))) {
    if (line.startsWith("# ")) typed.at(-1)?.shown.push(line.slice(2));
    else typed.push({ command: line.replace(/\s+#\s.*$/, ""), shown: [] });
  }
  return typed.filter(({ command }) => !elsewhere.some((one) => one.test(command)));
}

interface FirstHour {
  outputs: Map<string, string>;
  folder: string;
}

async function typeAll(typed: readonly Typed[]): Promise<FirstHour> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-first-hour-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const server: GatepostProcess = await startGatepost(data);
  onTestFinished(() => server.stop());
  const commands = await commandsHere(folder);
  onTestFinished(() => commands.close());
  const working = join(folder, "working");
  await mkdir(working);
  const before = process.cwd();
  process.chdir(working);
  onTestFinished(() => process.chdir(before));
  const { stdout: first } = await run("keys", "first", "--data", data);
  const printed = { ingest: keyIn(first, "gpi_"), read: "", made: "" };
  const outputs = new Map<string, string>();
  let variables = "";
  for (const { command, shown } of typed) {
    const filled = command
      .replaceAll("gpi_…", printed.ingest)
      .replaceAll("gpr_…", printed.read)
      .replaceAll("key_…", printed.made)
      .replaceAll("http://127.0.0.1:9528", server.url)
      .replaceAll("/mnt/backup", join(folder, "backup"));
    if (/^[A-Z]+=/.test(filled)) variables += `${filled}\n`;
    const { code, output } = await bash(`${functions(commands.url, data)}${variables}${filled}\n`, working);
    expect(code, `${command}\n${output}`).toBe(0);
    for (const line of shown) expect(output).toContain(line);
    printed.read = /gpr_[\w-]+/.exec(output)?.[0] ?? printed.read;
    printed.made = /key_\w+/.exec(output)?.[0] ?? printed.made;
    outputs.set(command.replace(/^npx gatepost /, ""), output);
  }
  return { outputs, folder: working };
}

function keyIn(text: string, prefix: string): string {
  const key = text.match(new RegExp(`${prefix}[\\w-]+`))?.[0];
  if (key === undefined) throw new Error(`no ${prefix} in ${text}`);
  return key;
}

describe.skipIf(noCurl !== null)("the first hour", () => {
  it("has no failed command and no contradiction, typed from the README in order", async () => {
    const { outputs, folder } = await typeAll(typedIn("README.md"));
    const outputOf = (beginning: string) => [...outputs].find(([command]) => command.startsWith(beginning))?.[1];
    const today = new Date().toISOString().slice(0, 10);
    for (const command of ["curl ", "events list"]) {
      expect(outputOf(command)).toContain("Lucia Keller");
      expect(outputOf(command)).toContain(today);
    }
    expect(outputOf("boxes list")).toMatch(/box-1.*reports/);
    expect(outputOf("status")).toMatch(/boxes +1 report/);
    expect(outputOf("boxes arrivals")).toContain("HistoryEvent");
    expect(outputOf("quarantine list")).not.toContain("box-1");
    expect((await readFile(join(folder, "events.zip"))).includes("evt_")).toBe(true);
    expect(outputOf("erase")).toMatch(/^1 event is erased, with 3 pictures/);
  });

  it("the Chinese README has the same commands", () => {
    expect(typedIn("README.zh-CN.md")).toEqual(typedIn("README.md"));
  });
});
