import type { Socket } from "node:net";

/*
 * The used part of mqtt.js. Its own types need browser types, which are not allowed here: so tsconfig.json maps it to
 * mqtt-module.d.ts, which declares these.
 */

interface Options {
  protocolVersion: 4;
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
}

export interface MqttClient {
  on(event: "connect" | "close", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  publishAsync(topic: string, payload: string | Buffer, options: { qos: 1; retain?: boolean }): Promise<unknown>;
  end(force: boolean): this;
}

export interface MqttLibrary {
  MqttClient: new (connect: () => Socket, options: Options) => MqttClient;
}
