import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { freePort } from "../../../standins/listen.ts";
import { Box, Client } from "../../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../../support/gatepost-process.ts";
import { jpeg, photo } from "../../../support/pictures.ts";
import { history } from "../../../support/reports.ts";

/*
 * Has a generator make the client in Python of a running server, checks the types of the client and of the example that
 * uses it, and runs the example over restarts of the program and of the server. The versions are the ones of
 * docs/clients.md.
 */

const root = join(import.meta.dirname, "../../../..");
const page = readFileSync(join(root, "docs/clients.md"), "utf8");
const packages = [...page.matchAll(/\b(?:openapi-python-client|mypy)==[\d.]+/g)].map(([pinned]) => pinned);
/** The settings of the generator, as the page writes them. */
const settings = /^cat > generator\.yaml <<'END'\n(.*?)^END$/ms.exec(page)?.[1] ?? "";
const examples = join(root, "examples/python");
const example = join(root, "examples/python/keep_copy.py");

const home = join(process.env["GATEPOST_ORACLES"] ?? tmpdir(), `gatepost-clients-${packages.join("-")}`);
const program = (name: string) => join(home, "bin", name);

/** Answers that the generator leaves out: it knows no pictures, and not the form of metrics. */
const unknownAnswers = ["/metrics", "/v1/actions/{id}/photo", "/v1/events/{id}/pictures/{kind}", "/v1/pictures/{link}"];

const audited = z.object({
  entries: z.array(z.object({ about: z.object({ acknowledgement: z.string().optional() }) })),
});

/** Why the packages cannot be had, or null. */
function install(): string | null {
  if (existsSync(program("mypy"))) return null;
  const made = spawnSync("/usr/bin/python3", ["-m", "venv", home], { encoding: "utf8" });
  if (made.status !== 0) return "Python's venv is not installed";
  const got = spawnSync(program("pip"), ["install", "--quiet", ...packages], { encoding: "utf8" });
  return got.status === 0 ? null : "PyPI cannot be reached";
}

function unavailable(reason: string): number {
  const isFailure = process.env["GATEPOST_REQUIRE_ALL"] === "1" && !reason.startsWith("PyPI");
  say(`${isFailure ? "FAILED" : "SKIPPED"} clients: ${reason}`);
  return isFailure ? 1 : 0;
}

async function run(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-clients-data-"));
  const port = await freePort();
  const start = () => startGatepost(join(folder, "data"), ["--port", `${port}`]);
  const servers: GatepostProcess[] = [await start()];
  try {
    const faults = [
      ...(await generate(folder, `http://127.0.0.1:${port}`)),
      ...(await typesOf(folder)),
      ...(await copied(folder, servers, start)),
    ];
    for (const fault of faults) say(fault);
    say(
      `clients: ${faults.length === 0 ? "no disagreement" : `${faults.length} faults`} with ${packages.join(" and ")}`,
    );
    return faults.length === 0 ? 0 : 1;
  } finally {
    await servers.at(-1)?.stop();
    await rm(folder, { recursive: true });
  }
}

/**
 * The most files of models and lines that the client may have. Some 4,500 lines keep the members of answers that the
 * document does not name: a later version may add some.
 */
const most = { models: 510, lines: 78_000 };

/** Makes the client. Gives what the generator complains of beyond the answers that it does not know. */
async function generate(folder: string, url: string): Promise<string[]> {
  await writeFile(join(folder, "generator.yaml"), settings);
  const [document, out] = [`${url}/openapi.json`, "gatepost_client"];
  const asked = ["generate", "--url", document, "--config", "generator.yaml", "--meta", "none", "--output-path", out];
  const { status, printed } = await printedBy(program("openapi-python-client"), asked, folder);
  const left = [...printed.matchAll(/^(?:WARNING|ERROR) parsing \w+ (\S+)/gm)].map(([, path]) => path).sort();
  if (status !== 0 || left.join() !== unknownAnswers.join()) return [`the generator stumbles: ${printed}`];
  const files = globSync(`${out}/**/*.py`, { cwd: folder });
  const models = files.filter((file) => file.startsWith(join(out, "models"))).length;
  const lines = files.reduce((sum, file) => sum + readFileSync(join(folder, file), "utf8").split("\n").length - 1, 0);
  say(`clients: ${models} files of models, ${lines} lines`);
  return models > most.models || lines > most.lines ? [`the client has more than ${JSON.stringify(most)}`] : [];
}

/** Gives what mypy says of the client, and of the example by its strict rules. */
async function typesOf(folder: string): Promise<string[]> {
  const strict = ["--strict", "--follow-imports=silent", example];
  const faults: string[] = [];
  for (const asked of [["gatepost_client"], strict]) {
    const { status, printed } = await printedBy(program("mypy"), asked, folder);
    if (status !== 0) faults.push(printed);
  }
  return faults;
}

/** Has the example keep a copy over restarts. Gives how the copy differs from the server. */
async function copied(
  folder: string,
  servers: GatepostProcess[],
  start: () => Promise<GatepostProcess>,
): Promise<string[]> {
  const [server] = servers;
  if (server === undefined) return ["no server"];
  const client = new Client(server);
  const [token, { token: ingest }] = [await client.createReadKey(), await client.createKey("gate-1")];
  const box = new Box(server.url, ingest);
  const env = { ...pythonPath(folder), GATEPOST_URL: server.url, GATEPOST_TOKEN: token };
  const follow = (name: string, ...args: string[]) => new Follower([example, name, ...args], { cwd: folder, env });

  await pass(box, 0, 120);
  const first = follow("kept");
  await first.hasNew(120);
  await pass(box, 120, 130);
  await first.hasNew(130);
  await server.stop();
  servers.push(await start());
  await pass(box, 130, 140);
  await first.hasNew(140);
  await first.kill();
  await pass(box, 140, 150);
  const second = follow("kept", "--until-now");
  const third = follow("again", "--until-now");
  const codes = [await second.ended, await third.ended];

  const latest = servers.at(-1) ?? server;
  const now = new Client(latest);
  const events = await now.events();
  const ids = events.map(({ id }) => id).sort();
  const faults = codes.some((code) => code !== 0) ? [`the example ended with ${codes}`] : [];
  if (first.lines[0] !== "120 events are stored") faults.push(`it counts wrongly: ${first.lines[0]}`);
  for (const [name, news] of [
    ["over restarts", [...first.news(), ...second.news()]],
    ["in one piece", third.news()],
  ] as const)
    if (news.toSorted().join() !== ids.join()) faults.push(`${ids.length} events, kept ${name}: ${news.length}`);
  for (const { id, person } of events) {
    const face = await readFile(join(folder, "kept", `${id}.jpg`));
    if (!face.equals(jpeg(person.id ?? ""))) faults.push(`the picture of ${id} has other bytes`);
  }
  const wanted = events.filter(({ actions }) => actions.length > 0);
  if (wanted.length !== 15) faults.push(`${wanted.length} events want an action`);
  const { entries } = audited.parse(await (await now.get("/v1/audit?action=acknowledged&limit=200")).json());
  const made = new Set(entries.flatMap(({ about }) => about.acknowledgement ?? []));
  const shown = new Set(wanted.map(({ acknowledgement }) => acknowledgement?.id));
  if (shown.has(undefined) || made.size !== 15 || shown.size !== 15)
    faults.push(`acknowledged ${made.size} times, ${shown.size} shown, for 15 actions`);
  return faults;
}

/** Passings with a face each; each tenth wants an action. */
async function pass(box: Box, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    const report = { identity_id: `${n}`, want_action: n % 10 === 0 ? "1002" : "0" };
    await box.post("/HistoryEvent", history(report, { recognize_face: photo(n) }));
  }
}

/** The example as it runs. */
class Follower {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  #hasNew: { count: number; resolve: () => void } | undefined;

  constructor(args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const child = spawn(program("python"), args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    this.ended = once(child, "close").then(([code]) => code);
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.lines.push(line);
      if (this.news().length >= (this.#hasNew?.count ?? Number.POSITIVE_INFINITY)) this.#hasNew?.resolve();
    });
  }

  /** The ids of events that were new to it. */
  news(): string[] {
    return this.lines.flatMap((line) => (line.startsWith("new ") ? [line.slice(4)] : []));
  }

  /** Resolves when it has kept so many events. Throws if it ends before. */
  async hasNew(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hasNew = { count, resolve };
    if (this.news().length >= count) resolve();
    const early = this.ended.then((code) => Promise.reject(new Error(`the example ended with ${code}`)));
    await Promise.race([promise, early]);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}

function pythonPath(folder: string): NodeJS.ProcessEnv {
  const path = `${join(home, "bin")}:${process.env["PATH"]}`;
  return { ...process.env, PATH: path, PYTHONPATH: folder, MYPYPATH: `${folder}:${examples}` };
}

/** Runs a program. Meanwhile this process reads on what the server logs: else it would wait for who reads it. */
async function printedBy(command: string, args: readonly string[], cwd: string) {
  const child = spawn(command, args, { cwd, env: pythonPath(cwd), stdio: ["ignore", "pipe", "pipe"] });
  const [printed, said, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status: Number(status ?? 1), printed: printed + said };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const why = install();
process.exitCode = why === null ? await run() : unavailable(why);
