import { lookup } from "node:dns/promises";
import {
  dial,
  endpointOf,
  endUnencrypted,
  isOverInternet,
  literalAddress,
  UnencryptedTarget,
} from "@gatepost/alerts/targets";
import type { Source } from "@gatepost/core/sources";
import { failureOf } from "./broker-failure.ts";

/** A message of a broker. */
export interface Message {
  topic: string;
  payload: Buffer;
  /** The number by which the broker knows it; null if it expects no acknowledgement. */
  id: number | null;
  /** Whether the broker has sent it before, and does not know that it was taken. */
  isRepeat: boolean;
  /** Whether the broker has kept it from before the subscription. */
  isRetained: boolean;
}

/** The broker of a source, and how to sign in there. */
export interface Broker extends Pick<Source, "mqtt" | "topics"> {
  clientId: string;
  username: string | null;
  password: string | null;
  /** Certificates that are trusted, too: as PEM, or a file of them. */
  ca: string | null;
  /** Whether retained messages are delivered. */
  retained: boolean;
  version: 4 | 5;
  /** Whether the broker forgets the session when the connection ends. */
  isClean: boolean;
}

export interface Conversation {
  /** Called once the broker has let the client in. Returns the topics of a present session; null to subscribe anew. */
  begun(session: { isPresent: boolean }): Promise<readonly string[] | null>;
  /** Called once the broker sends the topics. `refused`: those that it does not let the user read. */
  subscribed(refused: readonly string[]): Promise<void>;
  /** The message is acknowledged once this resolves. If it rejects, the conversation ends. */
  take(message: Message): Promise<void>;
}

/** The first code of a topic that says it is refused. */
const refusedFrom = 128;

/** ms for a broker to let the client in, and s between two signs of life. */
const connectTimeoutMs = 20_000;
const keepaliveSeconds = 30;

/** s for which a broker keeps messages for a source that is away, and how many it sends ahead. */
const sessionSeconds = 30 * 24 * 3600;
const receiveMaximum = 20;

/** Talks with a broker until the connection ends or the signal aborts. Rejects with BrokerFailure, or as `take` does. */
export async function converse(broker: Broker, on: Conversation, signal: AbortSignal): Promise<void> {
  const { default: library } = await import("mqtt");
  if (signal.aborted) return;
  const { mqtt, clientId, username, password, version, isClean } = broker;
  const url = new URL(mqtt);
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let cause: unknown = null;
  let isIn = false;
  const fails = () => fail(failureOf(cause, { url, isIn, ca: broker.ca }));
  const client = new library.MqttClient(() => connectionTo(url, broker).on("error", (error) => (cause = error)), {
    protocolVersion: version,
    clientId,
    clean: isClean,
    reconnectPeriod: 0,
    connectTimeout: connectTimeoutMs,
    keepalive: keepaliveSeconds,
    resubscribe: false,
    ...(version === 5 && { properties: { sessionExpiryInterval: isClean ? 0 : sessionSeconds, receiveMaximum } }),
    ...(username !== null && { username }),
    ...(password !== null && { password }),
  });
  const begun = Promise.withResolvers<void>();
  begun.promise.catch(() => {});
  client.on("connect", ({ sessionPresent }) => {
    isIn = true;
    const isPresent = sessionPresent && !isClean;
    on.begun({ isPresent })
      .then((known) => {
        begun.resolve();
        return subscribe(known);
      })
      .catch(fail);
  });
  const subscribe = async (known: readonly string[] | null) => {
    const { topics, retained } = broker;
    const left = (known ?? []).filter((topic) => !topics.includes(topic));
    if (left.length > 0) await client.unsubscribeAsync(left);
    const added = topics.filter((topic) => !known?.includes(topic));
    const asked = added.map((topic) => [topic, { qos: 1, rh: retained ? 1 : 2 }] as const);
    const codes = added.length === 0 ? [] : await codesOf(Object.fromEntries(asked));
    await on.subscribed(added.filter((_, at) => (codes[at] ?? 0) >= refusedFrom));
  };
  // The library fails for all topics if one is refused.
  const codesOf = (asked: Parameters<typeof client.subscribe>[0]) =>
    new Promise<readonly number[]>((resolve, reject) => {
      client.subscribe(asked, (error, _, packet) => {
        const codes = packet?.granted ?? [];
        if (codes.length === Object.keys(asked).length) resolve(codes);
        else reject(error ?? new Error("the broker does not answer for each topic"));
      });
    });
  client.on("error", (error) => {
    cause = error;
    // The library leaves a connection open on which it got no MQTT.
    fails();
  });
  client.on("disconnect", ({ reasonCode = 0 }) => (cause = codeOf(reasonCode, cause)));
  client.on("close", fails);
  client.handleMessage = ({ topic, payload, dup, retain, messageId }, done) => {
    const message = { topic, payload: Buffer.from(payload), id: messageId ?? null, isRepeat: dup, isRetained: retain };
    begun.promise.then(() => on.take(message)).then(done, fail);
  };
  signal.addEventListener("abort", () => end());
  try {
    await ended;
  } finally {
    client.end(true);
  }
}

/** Why a broker is refused before it is asked: it would be sent everything unencrypted over the Internet. Null: it is not. */
export async function plainFault(mqtt: string): Promise<string | null> {
  const url = new URL(mqtt);
  if (url.protocol !== "mqtt:") return null;
  const host = literalAddress(url) ?? url.hostname;
  // The start says of an unknown name that it is unknown.
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.some(({ address }) => isOverInternet(address)) ? new UnencryptedTarget(url).message : null;
}

function connectionTo(url: URL, { ca }: Broker) {
  const endpoint = endpointOf(url);
  const socket = dial({ url, ...endpoint, allowPrivate: true, ca });
  if (!endpoint.isTls) endUnencrypted(socket, url, isOverInternet);
  return socket;
}

function codeOf(code: number, before: unknown): unknown {
  return code === 0 ? before : Object.assign(new Error(`the broker ended the connection (${code})`), { code });
}
