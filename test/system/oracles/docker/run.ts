import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/*
 * Builds the image, for x64 and arm64 if this machine can, and delivers a report to a container of it as compose.yaml
 * runs it. The last line is its result, or SKIPPED with its reason if no Docker answers.
 */

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
const dockerfile = ["-f", "install/docker/Dockerfile", "."];
const image = "gatepost:checked";
const name = `gatepost-checked-${process.pid}`;
const gatepost = "/opt/gatepost/node_modules/.bin/gatepost";
const data = ["--data", "/var/lib/gatepost"];

function docker(args: readonly string[], stdio: "inherit" | "pipe" = "pipe"): SpawnSyncReturns<string> {
  const env = { ...process.env, GATEPOST_DOMAIN: "gate.example.com" };
  return spawnSync("docker", args, { cwd: repository, encoding: "utf8", env, stdio: ["ignore", stdio, stdio] });
}

/** Throws if it fails. Gives what it printed. */
function done(...args: string[]): string {
  const { status, stdout, stderr } = docker(args);
  if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

function build(...platform: string[]): void {
  if (docker(["buildx", "build", ...platform, ...dockerfile], "inherit").status !== 0)
    throw new Error(`the image is not built ${platform.join(" ")}`);
}

async function healthy(): Promise<void> {
  for (let looks = 0; looks < 60; looks++) {
    if (done("inspect", "--format", "{{.State.Health.Status}}", name) === "healthy") return;
    await sleep(1000);
  }
  throw new Error(`it does not become healthy:\n${docker(["logs", name]).stderr}`);
}

function equal(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`);
}

async function run(): Promise<void> {
  const rights = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"];
  done(
    "run",
    "--detach",
    "--init",
    "--name",
    name,
    "--publish",
    "127.0.0.1::9528",
    "--health-interval=1s",
    ...rights,
    image,
  );
  try {
    await healthy();
    equal(done("exec", name, "id", "-u"), "10001", "the user");
    const made = done("exec", name, gatepost, "keys", "create", "--scope", "ingest", "--box", "a", "--json", ...data);
    const { token } = JSON.parse(made) as { token: string };
    const address = done("port", name, "9528/tcp").split("\n")[0] ?? "";
    const body = '{"identity_id":"7","timestamp":1793851200000,"ext_data":{"ep_id":"A__10.0.0.2"}}';
    const taken = await fetch(`http://${address}/${token}/HistoryEvent`, { method: "POST", body });
    equal(await taken.text(), '{"message":"SUCCESS","status":0}', "the answer to a report");
    equal((await fetch(`http://${address}/`)).status, 200, "the console");
    done("stop", "--time", "20", name);
    equal(done("inspect", "--format", "{{.State.ExitCode}}", name), "0", "the exit code");
  } finally {
    docker(["rm", "--force", "--volumes", name]);
  }
}

if (docker(["info"]).status !== 0) {
  process.stdout.write("SKIPPED docker: no Docker answers here; the files are checked by test/unit/house\n");
  process.exit(0);
}
done("compose", "-f", "install/docker/compose.yaml", "config", "--quiet");
build("--load", "--tag", image);
await run();
const { stdout: builder } = docker(["buildx", "inspect"]);
const others = ["linux/amd64", "linux/arm64"].filter((platform) => builder.includes(platform));
build("--platform", others.join(","));
process.stdout.write(`docker: the image takes a report, and is built for ${others.join(" and ")}\n`);
