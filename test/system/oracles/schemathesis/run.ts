import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Box, Client } from "../../../support/client.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import { photo } from "../../../support/pictures.ts";
import { history, stranger } from "../../../support/reports.ts";
import { isLong } from "../../../support/seeded.ts";

/*
 * Has schemathesis ask a running server everything that its document allows and much that it does not, and hold each
 * answer against the document. With GATEPOST_LONG=1 it asks each route four times as many random requests.
 */

const version = "4.32.5";
const home = join(process.env["GATEPOST_ORACLES"] ?? tmpdir(), `gatepost-schemathesis-${version}`);
const executable = join(home, "bin", "schemathesis");

/** Checks that ask what no document can say. */
const leftOut = [
  // A cursor must be one that the server has given, not only one of the right form.
  "positive_data_acceptance",
  // After 30 tries without a live key within a minute, 429 takes the place of 401.
  "ignored_auth",
  "missing_required_header",
];

/** Lines of the log that are shown. */
const maxShown = 20;
/** Characters of a finding that are shown. */
const maxCharacters = 500;

const why = install();
process.exitCode = why === null ? await run() : unavailable(why);

/** Why it cannot be had, or null. */
function install(): string | null {
  if (existsSync(executable)) return null;
  const made = spawnSync("/usr/bin/python3", ["-m", "venv", home], { encoding: "utf8" });
  if (made.status !== 0) return "Python's venv is not installed";
  const pip = join(home, "bin", "pip");
  const got = spawnSync(pip, ["install", "--quiet", `schemathesis==${version}`], { encoding: "utf8" });
  return got.status === 0 ? null : "PyPI cannot be reached";
}

function unavailable(reason: string): number {
  const isFailure = process.env["GATEPOST_REQUIRE_ALL"] === "1" && !reason.startsWith("PyPI");
  say(`${isFailure ? "FAILED" : "SKIPPED"} schemathesis: ${reason}`);
  return isFailure ? 1 : 0;
}

async function run(): Promise<number> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-schemathesis-data-"));
  const server = await startGatepost(data);
  try {
    await fill(new Client(server));
    const asked = [
      ...["--config-file", join(import.meta.dirname, "schemathesis.toml")],
      ...["run", `${server.url}/openapi.json`, "--header", `Authorization: Bearer ${server.admin}`],
      ...["--phases", "examples,coverage,fuzzing", "--max-examples", isLong ? "60" : "15"],
      ...["--exclude-checks", leftOut.join(","), "--continue-on-failure", "--no-color"],
    ];
    const { status, stdout } = await printedBy(executable, asked);
    const crashes = server
      .log()
      .split("\n")
      .filter((line) => line.includes('"level":"error"'));
    if (status !== 0) say(stdout);
    // Repeated at the end of a long log, so that readers find it.
    const found = stdout.match(/^(- |\[\d{3}\]| +curl ).*/gm) ?? [];
    for (const line of found.slice(0, maxShown)) say(line.slice(0, maxCharacters));
    for (const line of crashes.slice(0, maxShown)) say(line);
    const counts = /\d+ generated.*/.exec(stdout)?.[0] ?? "nothing asked";
    const seed = /^Seed: (\d+)/m.exec(stdout)?.[1];
    say(
      `schemathesis: ${status === 0 ? "no disagreement" : "it disagrees"}, ${counts}, ${crashes.length} errors logged (seed ${seed})`,
    );
    return status === 0 && crashes.length === 0 ? 0 : 1;
  } finally {
    await server.stop();
    await rm(data, { recursive: true });
  }
}

/** Runs a program. Meanwhile this process reads on what the server logs: else it would wait for who reads it. */
async function printedBy(program: string, args: readonly string[]): Promise<{ status: number; stdout: string }> {
  const child = spawn(program, args, { cwd: home, stdio: ["ignore", "pipe", "inherit"] });
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { status: Number(status ?? 1), stdout };
}

async function fill(client: Client): Promise<void> {
  const { token } = await client.createKey("gate-1");
  const box = new Box(client.url, token);
  for (let n = 0; n < 20; n++) {
    await box.post(
      "/HistoryEvent",
      history({ identity_id: `${n}`, want_action: "1002" }, { recognize_face: photo(n) }),
    );
  }
  await box.post("/HistoryEvent", stranger({ want_action: "1001", reg_pic: "cut off" }, { spot_pic: photo("scene") }));
  await box.post("/HistoryEvent", "{");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
