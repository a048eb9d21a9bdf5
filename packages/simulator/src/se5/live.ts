import type { AddressInfo } from "node:net";
import { isObject, type Json, type JsonObject, jsonIn } from "@gatepost/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import { liveV6 } from "../bodies/flat.ts";
import { liveV5 } from "../bodies/nested.ts";
import type { Listening } from "../box-api.ts";
import type { Passing, Pictures } from "../passing.ts";

export type Family = "V5" | "V6";

interface Subscription {
  face: boolean;
  registered: boolean;
  devices: readonly Json[];
}

/** Bytes of one frame, if a message is sent in several. */
const frameSize = 16 * 1024;

/**
 * The WebSocket of an SE5, port 5679 of a real one: silent until it is configured, no keep-alive. docs/formats.md §2
 * (g).
 */
export class Live implements Listening {
  readonly #server: WebSocketServer;
  readonly #subscriptions = new Map<WebSocket, Subscription>();
  readonly #family: Family;
  readonly #splitsFrames: boolean;

  private constructor(server: WebSocketServer, family: Family, splitsFrames: boolean) {
    this.#server = server;
    this.#family = family;
    this.#splitsFrames = splitsFrames;
    server.on("connection", (socket) => this.#welcome(socket));
  }

  static async open(
    { host, port }: { host: string; port: number },
    { family, splitsFrames }: { family: Family; splitsFrames: boolean },
  ): Promise<Live> {
    const server = new WebSocketServer({ host, port });
    await new Promise((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
    return new Live(server, family, splitsFrames);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many clients have said what they want. */
  get listeners(): number {
    return this.#subscriptions.size;
  }

  /** Pushes a passing to every client that wants its device; says to how many. */
  push(passing: Passing, pictures: Pictures): number {
    let pushed = 0;
    for (const [socket, subscription] of this.#subscriptions) {
      if (!subscription.devices.includes(passing.device.id)) continue;
      this.#send(socket, Buffer.from(JSON.stringify(this.#message(passing, pictures, subscription))));
      pushed += 1;
    }
    return pushed;
  }

  /** Cuts every connection, as a box that restarts does. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #welcome(socket: WebSocket): void {
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.#subscriptions.delete(socket));
    socket.on("message", (data) => {
      const subscription = read(String(data), this.#family);
      if (subscription !== null) this.#subscriptions.set(socket, subscription);
    });
  }

  /** Scenes are not sent without faces: `need_face` switches the pictures of the scene. */
  #message(passing: Passing, { scene, face, registered }: Pictures, subscription: Subscription): JsonObject {
    const pictures = {
      scene: subscription.face ? scene : null,
      face: subscription.face ? face : null,
      registered: subscription.registered ? registered : null,
    };
    return this.#family === "V6" ? liveV6(passing, pictures) : liveV5(passing, pictures);
  }

  #send(socket: WebSocket, message: Buffer): void {
    const size = this.#splitsFrames ? frameSize : message.length;
    for (let at = 0; at < message.length; at += size) {
      socket.send(message.subarray(at, at + size), { binary: false, fin: at + size >= message.length });
    }
  }
}

function read(text: string, family: Family): Subscription | null {
  const subscription = jsonIn(text);
  if (!isObject(subscription)) return null;
  const [face, registered, devices] =
    family === "V6"
      ? [subscription["with_face_image"], subscription["with_register_image"], subscription["media_device_ids"]]
      : [subscription["need_face"], subscription["need_register"], subscription["event_list"]];
  return { face: face === true, registered: registered === true, devices: Array.isArray(devices) ? devices : [] };
}
