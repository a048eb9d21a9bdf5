import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { missing } from "../support/required.ts";

/** Why no broker can be started here, or null. Debian puts it where only root looks. */
export const withoutMosquitto = missing("sh", ["-c", "PATH=$PATH:/usr/sbin command -v mosquitto"], "mosquitto");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Settings by which a broker refuses subscriptions to a topic, in the code of the plugin that Debian has with it. */
export async function refusing(topic: string, folder: string): Promise<string[]> {
  const file = join(folder, "security.json");
  const acls = [{ acltype: "subscribePattern", topic, priority: 0, allow: false }];
  const everything = { publishClientSend: true, publishClientReceive: true, subscribe: true, unsubscribe: true };
  const roles = [{ rolename: "most", acls }];
  const groups = [{ groupname: "all", roles: [{ rolename: "most" }] }];
  await writeFile(file, JSON.stringify({ defaultACLAccess: everything, anonymousGroup: "all", groups, roles }));
  const [plugin = ""] = globSync("/usr/lib/*/mosquitto_dynamic_security.so");
  return ["allow_anonymous true", `plugin ${plugin}`, `plugin_opt_config_file ${file}`];
}

/** What a broker of MQTT 3.1.1 does with a client of MQTT 5: it says that it does not know this, or just closes. */
type Manner = "says so" | "closes";

/** The URL of a broker that speaks MQTT 3.1.1 alone. */
export function olderBroker({ port }: Mosquitto, manner: Manner): Promise<string> {
  return inFront((socket) => {
    socket.once("data", (first) => {
      if (first[first.indexOf("MQTT") + 4] === 4) {
        const behind = passedOn(socket, port);
        behind.write(first);
        socket.pipe(behind);
        return;
      }
      socket.end(manner === "says so" ? Buffer.from([0x20, 2, 0, 1]) : "");
    });
  });
}

/** The URL of a broker that refuses the last topic of the first subscription, and none later. */
export function refusingOnce({ port }: Mosquitto): Promise<string> {
  let isFirst = true;
  return inFront((socket) => {
    const behind = passedOn(socket, port);
    socket.pipe(behind);
    behind.prependListener("data", (bytes: Buffer) => {
      if (bytes[0] !== suback || !isFirst) return;
      isFirst = false;
      bytes[bytes.length - 1] = notAuthorized;
    });
  });
}

const [suback, notAuthorized] = [0x90, 0x87];

async function inFront(talk: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => talk(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return `mqtt://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

/** A connection to a broker, whose answers a client gets. */
function passedOn(socket: Socket, port: number): Socket {
  const behind = connect(port, "127.0.0.1").on("error", () => socket.destroy());
  behind.on("close", () => socket.destroy());
  socket.on("close", () => behind.destroy());
  behind.pipe(socket);
  return behind;
}

/** Debian's broker of MQTT, which keeps all that it acknowledges. */
export class Mosquitto {
  readonly port: number;
  readonly #folder: string;
  #child: ReturnType<typeof spawn> | null = null;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** @param settings lines of its configuration, as who may read which topic */
  static async start(folder: string, settings: readonly string[] = ["allow_anonymous true"]): Promise<Mosquitto> {
    await mkdir(folder, { recursive: true });
    const broker = new Mosquitto(await freePort(), folder);
    const lines = [`listener ${broker.port} 127.0.0.1`, "user root", "persistence true", "max_inflight_messages 5"];
    const kept = [`persistence_location ${folder}/`, "autosave_on_changes true", "autosave_interval 1"];
    await writeFile(join(folder, "mosquitto.conf"), [...lines, ...kept, ...settings, ""].join("\n"));
    await broker.begin();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async begin(): Promise<void> {
    const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` };
    this.#child = spawn("mosquitto", ["-c", join(this.#folder, "mosquitto.conf")], { env, stdio: "ignore" });
    for (let isOpen = false; !isOpen; ) isOpen = await answers(this.port);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Publishes messages one after another; resolves once the broker has them in its file. */
  async publish(topic: string, messages: readonly (string | Buffer)[], retain = false): Promise<void> {
    const { default: library } = await import("mqtt");
    const client = new library.MqttClient(() => connect(this.port, "127.0.0.1"), {
      protocolVersion: 4,
      clientId: `door-${Math.random().toString(36).slice(2)}`,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: 20_000,
      keepalive: 0,
    });
    try {
      await new Promise<void>((resolve, reject) => client.on("connect", () => resolve()).on("error", reject));
      for (const message of messages) await client.publishAsync(topic, message, { qos: 1, retain });
      // The broker writes what it has after each turn of its loop, and answers this in a later one.
      await client.publishAsync("a/later/turn", "", { qos: 1 });
    } finally {
      client.end(true);
    }
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
