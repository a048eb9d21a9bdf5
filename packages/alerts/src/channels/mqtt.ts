import { randomUUID } from "node:crypto";
import { fitting, plainOf } from "../message/lines.ts";
import type { Message } from "../message/message.ts";
import { dial, endpointOf, endUnencrypted, why } from "../net/post.ts";
import { userOf } from "../target/channel-url.ts";
import type { AlertTarget } from "../target/target.ts";
import { discoveryOf } from "./home-assistant.ts";
import type { MqttClient } from "./mqtt-client.ts";
import { delivered, reachOf, type SendDeps, type Sender, type Sent } from "./sending.ts";

const textBytes = 8000;

/** Codes by which a broker refuses a connection. docs/alerts.md#mqtt */
const refusals = new Map([
  [1, "the broker does not speak MQTT 3.1.1"],
  [2, "the broker does not take this client"],
  [3, "the broker is not ready; it is tried again"],
  [4, "the user or the password is wrong: set the user in the URL, and the password in secret"],
  [5, "the broker does not let this user in"],
]);

/** A broker of MQTT: the alert as JSON, the picture as it is, and what Home Assistant needs to show both. */
export const mqtt: Sender = {
  pictureBytes: 5 * 1024 * 1024,
  messagesFor: () => 1,
  async send(message, target, deps) {
    const { default: library } = await import("mqtt");
    // An already aborted signal would fire no event.
    deps.signal.throwIfAborted();
    // mqtt.js tells that a connection is closed before it tells why.
    let cause: Error | null = null;
    const connect = () => dialed(target, deps).on("error", (error) => (cause = error));
    const client = new library.MqttClient(connect, {
      protocolVersion: 4,
      clientId: `gatepost-${randomUUID().slice(0, 8)}`,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: deps.timeoutMs,
      keepalive: 0,
      ...(userOf(target.url) === "" ? {} : { username: userOf(target.url) }),
      ...(target.secret === null ? {} : { password: target.secret }),
    });
    try {
      await inTime(publishAll(client, message, target, deps), deps, client);
      return delivered;
    } catch (error) {
      return faultOf(cause ?? error, target);
    } finally {
      client.end(true);
    }
  },
};

function dialed(target: AlertTarget, deps: SendDeps) {
  const { url } = target;
  const endpoint = endpointOf(url);
  const socket = dial({ url, ...endpoint, ...reachOf(target, deps) });
  if (!endpoint.isTls) endUnencrypted(socket, url, deps.isPublic);
  return socket;
}

/** Nothing but the discovery stays at the broker: it would outlive an erasure. */
async function publishAll(
  client: MqttClient,
  message: Message,
  { topic }: AlertTarget,
  { server }: SendDeps,
): Promise<void> {
  await connected(client);
  const base = `${topic || `gatepost/${server}`}/${message.rule}`;
  for (const { topic: config, payload } of discoveryOf(message.rule, { server, base })) {
    await client.publishAsync(config, payload === null ? "" : JSON.stringify(payload), { qos: 1, retain: true });
  }
  const { bytes = null } = message.picture ?? {};
  if (bytes !== null) await client.publishAsync(`${base}/picture`, bytes, { qos: 1 });
  const text = fitting(message.lines.map(plainOf), { between: "\n", bytes: textBytes });
  const alert = { title: message.title, text, ...message.facts };
  await client.publishAsync(`${base}/alert`, JSON.stringify(alert), { qos: 1 });
}

function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on("connect", () => resolve());
    client.on("error", reject);
    client.on("close", () => reject(new Error("the broker closed the connection")));
  });
}

/** Ends a try that takes too long; a broker may also take a connection and never answer. */
async function inTime(work: Promise<void>, { timeoutMs, signal }: SendDeps, client: MqttClient): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  let end = () => {};
  const over = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`not taken within ${timeoutMs} ms`)), timeoutMs);
    end = () => reject(new Error("ended"));
    signal.addEventListener("abort", end);
    // Also after it was connected, the connection may break while something is published.
    client.on("close", () => reject(new Error("the broker closed the connection")));
  });
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(late);
    // The signal lives as long as the process, and would keep the alert with its picture.
    signal.removeEventListener("abort", end);
    work.catch(() => {});
  }
}

function faultOf(error: unknown, { ca }: AlertTarget): Sent {
  const code = error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : null;
  const words = (code === null ? undefined : refusals.get(code)) ?? why(error, ca);
  return { status: null, failure: `MQTT${code === null ? "" : ` ${code}`}: ${words}`.slice(0, 300), isRefused: false };
}
