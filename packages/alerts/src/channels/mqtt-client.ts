import type { Socket } from "node:net";

/*
 * The used part of mqtt.js. Its own types need browser types, which are not allowed here: so tsconfig.json maps it to
 * mqtt-module.d.ts, which declares these.
 */

interface Options {
  /** 4 for MQTT 3.1.1. */
  protocolVersion: 4 | 5;
  clientId: string;
  clean: boolean;
  /** ms; 0 for never. */
  reconnectPeriod: number;
  /** ms until the broker must have answered. */
  connectTimeout: number;
  /** Seconds; 0 for never. */
  keepalive: number;
  username?: string;
  password?: string;
  /** Whether topics are subscribed to again when a connection begins. */
  resubscribe?: boolean;
  /** Of MQTT 5: s for which the broker keeps the session, and how many messages it sends ahead. */
  properties?: { sessionExpiryInterval: number; receiveMaximum: number };
}

/** A message as the broker sends it. `messageId` is absent in one that is not acknowledged. */
interface Publish {
  topic: string;
  payload: Buffer | string;
  dup: boolean;
  retain: boolean;
  messageId?: number;
}

/** How topics are subscribed to. `rh`, of MQTT 5: 1 for retained messages of new subscriptions alone, 2 for none. */
interface Subscription {
  qos: 1;
  rh: 1 | 2;
}

export interface MqttClient {
  on(event: "close", listener: () => void): this;
  on(event: "connect", listener: (answer: { sessionPresent: boolean }) => void): this;
  on(event: "disconnect", listener: (packet: { reasonCode?: number }) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  publishAsync(topic: string, payload: string | Buffer, options: { qos: 1; retain?: boolean }): Promise<unknown>;
  /** The packet has a code for each topic in order; from 128 on, the topic is refused, and `error` names one such code. */
  subscribe(
    topics: Record<string, Subscription>,
    done: (error: Error | null, topics: unknown, packet?: { granted?: number[] }) => void,
  ): this;
  unsubscribeAsync(topics: string[]): Promise<unknown>;
  /** Called for each message in turn. It is acknowledged once `done` is called. */
  handleMessage(packet: Publish, done: () => void): void;
  end(force: boolean): this;
}

export interface MqttLibrary {
  MqttClient: new (connect: () => Socket, options: Options) => MqttClient;
}
