import { type EventOfBox, idsToldTo } from "@gatepost/core/live";
import type { Signal } from "../events/signal.ts";
import type { Subscriber } from "./subscriber.ts";

/** ms for which events are collected: many may be seen or erased at once. */
const collectMs = 200;

/** Ids in one message. */
const maxIds = 500;

/** Tells clients which events were seen or erased. */
export class EventPulse {
  readonly #subscribers: ReadonlySet<Subscriber>;
  readonly #endListening: () => void;
  readonly #messageOf: (ids: readonly string[]) => Buffer;
  #collected: EventOfBox[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    events: Signal<EventOfBox>,
    { subscribers, messageOf }: { subscribers: ReadonlySet<Subscriber>; messageOf(ids: readonly string[]): Buffer },
  ) {
    this.#subscribers = subscribers;
    this.#messageOf = messageOf;
    this.#endListening = events.listen((event) => this.#hear(event));
  }

  end(): void {
    this.#endListening();
    clearTimeout(this.#timer);
  }

  #hear(event: EventOfBox): void {
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
      const ids = idsToldTo(configuration, collected);
      if (ids.length > 0) sendQueue.send(this.#messageOf(ids));
    }
  }
}
