import { isToldOfSeen, seenMessage } from "@gatepost/query";
import type { SeenEvent } from "../events/seen.ts";
import type { Signal } from "../events/signal.ts";
import type { Subscriber } from "./subscriber.ts";

/** ms for which events are collected: many may be seen at once. */
const collectMs = 200;

/** Ids in one message. */
const maxIds = 500;

/** Tells subscribers which events a person has seen. */
export class SeenPulse {
  readonly #subscribers: ReadonlySet<Subscriber>;
  readonly #endListening: () => void;
  #collected: SeenEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(seen: Signal<SeenEvent>, subscribers: ReadonlySet<Subscriber>) {
    this.#subscribers = subscribers;
    this.#endListening = seen.listen((event) => this.#hear(event));
  }

  end(): void {
    this.#endListening();
    clearTimeout(this.#timer);
  }

  #hear(event: SeenEvent): void {
    if (this.#subscribers.size === 0) return;
    this.#collected.push(event);
    if (this.#collected.length >= maxIds) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), collectMs).unref();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const collected = this.#collected;
    this.#collected = [];
    for (const { configuration, sendQueue } of this.#subscribers) {
      const ids = collected.filter(({ box }) => isToldOfSeen(configuration, box)).map(({ eventId }) => eventId);
      if (ids.length > 0) sendQueue.send(seenMessage(ids));
    }
  }
}
