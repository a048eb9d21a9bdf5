import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Box, Client } from "../../../support/client.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import { photo } from "../../../support/pictures.ts";
import { history, stranger } from "../../../support/reports.ts";

/*
 * Has schemathesis ask a running server everything that its document allows and much that it does not, and hold each
 * answer against the document.
 */

const version = "4.32.5";
const home = join(process.env["GATEPOST_ORACLES"] ?? tmpdir(), `gatepost-schemathesis-${version}`);
const executable = join(home, "bin", "schemathesis");

/** Checks that ask what no document can say. */
const leftOut = [
  // A cursor must be one that was given, whatever its form.
  "positive_data_acceptance",
  // After 30 tries without a live key within a minute, 429 takes the place of 401.
  "ignored_auth",
  "missing_required_header",
];

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
      ...["--phases", "examples,coverage,fuzzing", "--max-examples", "60"],
      ...["--exclude-checks", leftOut.join(","), "--continue-on-failure", "--no-color"],
    ];
    const { status, stdout } = spawnSync(executable, asked, { encoding: "utf8", cwd: home, maxBuffer: 2 ** 28 });
    const crashes = server.log().match(/"level":"error"/g)?.length ?? 0;
    if (status !== 0) say(stdout);
    const counts = /\d+ generated.*/.exec(stdout)?.[0] ?? "nothing asked";
    const seed = /^Seed: (\d+)/m.exec(stdout)?.[1];
    say(
      `schemathesis: ${status === 0 ? "no disagreement" : "it disagrees"}, ${counts}, ${crashes} errors logged (seed ${seed})`,
    );
    return status === 0 && crashes === 0 ? 0 : 1;
  } finally {
    await server.stop();
    await rm(data, { recursive: true });
  }
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

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
