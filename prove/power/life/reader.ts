import { EventEmitter } from "node:events";
import { readConfiguration } from "@gatepost/core/live";
import type { Random } from "@gatepost/simulator";
import type { WebSocket } from "ws";
import * as z from "zod";
import type { LiveHub } from "../../../packages/embedded/src/live/hub.ts";
import { Subscriber } from "../../../packages/embedded/src/live/subscriber.ts";

const message = z.union([z.object({ event_id: z.string() }), z.object({ error: z.object({ message: z.string() }) })]);

/** A socket without a network: messages arrive at once, until it is closed. */
class LocalSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly bufferedAmount = 0;
  readonly #receive: (text: string) => void;

  constructor(receive: (text: string) => void) {
    super();
    this.#receive = receive;
  }

  send(text: Buffer, _: object, done: () => void): void {
    if (this.readyState === this.OPEN) this.#receive(text.toString());
    setImmediate(done);
  }

  pause(): void {}
  resume(): void {}

  close(): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 3;
    this.emit("close");
  }

  terminate(): void {
    this.close();
  }
}

/** A reader of the live feed. Its connection ends now and then, and it always resumes after its last event. */
export class Reader {
  readonly received = new Set<string>();
  /** How many reports had been posted when it got its first event; Infinity before. It misses no later event. */
  since = Number.POSITIVE_INFINITY;
  /** The chance, from 0 to 1, that its connection ends after an event. */
  unsteadiness = 0.2;
  readonly #deps: ReaderPorts;
  #last: string | null;
  #socket: LocalSocket | null = null;

  /** @param last the event that it got last before the server ended; null if it got none */
  constructor(last: string | null, deps: ReaderPorts) {
    this.#last = last;
    this.#deps = deps;
    if (last !== null) this.since = 0;
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === 1;
  }

  connect(): void {
    const { hub, clock } = this.#deps;
    const socket: LocalSocket = new LocalSocket((text) => {
      if (this.#socket === socket) this.#receive(text);
    });
    this.#socket = socket;
    const stream = { cork() {}, uncork() {} };
    const viewer = { id: "key_1" };
    const subscriber = new Subscriber(socket as unknown as WebSocket, { stream, viewer, tokenHash: "", clock });
    hub.add(subscriber);
    const since = this.#last === null ? {} : { since: this.#last };
    const asked = JSON.stringify({ event_list: ["*"], updates: false, ...since });
    if ("error" in readConfiguration(asked)) throw new Error("the configuration of a reader is not understood");
    socket.emit("message", Buffer.from(asked), false);
  }

  /** Loses its connection. */
  lose(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #receive(text: string): void {
    const said = message.parse(JSON.parse(text));
    if ("error" in said) {
      // The last event is gone. It begins anew.
      this.#last = null;
      this.since = Number.POSITIVE_INFINITY;
      this.lose();
      return;
    }
    if (this.#last === null) this.since = this.#deps.posted();
    this.#last = said.event_id;
    this.received.add(said.event_id);
    if (this.#deps.random() < this.unsteadiness) this.lose();
  }
}

interface ReaderPorts {
  hub: LiveHub;
  clock(): number;
  random: Random;
  /** How many reports were posted so far. */
  posted(): number;
}
