import type { LiveConfiguration } from "@gatepost/core/live";
import type { Signal } from "../events/signal.ts";
import type { Subscriber } from "./subscriber.ts";

/** ms for which news is collected: many events may be seen or erased at once. */
const collectMs = 200;

/** News that is sent together. */
const maxTogether = 500;

/** The messages for a client about some news. */
type MessagesOf<News> = (configuration: LiveConfiguration | null, news: readonly News[]) => Buffer[];

/** Sends clients the events that were seen or erased, or the evacuation lists that have changed. */
export class EventPulse<News> {
  readonly #subscribers: ReadonlySet<Subscriber>;
  readonly #endListening: () => void;
  readonly #messagesOf: MessagesOf<News>;
  #collected: News[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    events: Signal<News>,
    { subscribers, messagesOf }: { subscribers: ReadonlySet<Subscriber>; messagesOf: MessagesOf<News> },
  ) {
    this.#subscribers = subscribers;
    this.#messagesOf = messagesOf;
    this.#endListening = events.listen((event) => this.#hear(event));
  }

  end(): void {
    this.#endListening();
    clearTimeout(this.#timer);
  }

  #hear(event: News): void {
    if (this.#subscribers.size === 0) return;
    this.#collected.push(event);
    if (this.#collected.length >= maxTogether) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), collectMs).unref();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const collected = this.#collected;
    this.#collected = [];
    for (const { configuration, sendQueue } of this.#subscribers) {
      for (const message of this.#messagesOf(configuration, collected)) sendQueue.send(message);
    }
  }
}
