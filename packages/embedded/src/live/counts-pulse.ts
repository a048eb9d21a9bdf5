import { boxesSeen } from "@gatepost/core/keys";
import { countsEveryMs, countsMessage, type LiveCountsReader } from "@gatepost/core/live";
import type { Log } from "@gatepost/core/log";
import type { Subscriber } from "./subscriber.ts";

interface Deps {
  counts: LiveCountsReader;
  log: Log;
  /** Clients that may have asked for counts. */
  subscribers: ReadonlySet<Subscriber>;
}

/** Sends the counts to clients that asked for them, whenever they have changed. */
export class CountsPulse {
  readonly #deps: Deps;
  readonly #sent = new WeakMap<Subscriber, string>();
  readonly #timer: NodeJS.Timeout;
  #isReading = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.beat(), countsEveryMs);
    this.#timer.unref();
  }

  /**
   * Reads the counts for all clients that asked for them. Equal questions are read once. If that takes long, the next
   * beat is skipped.
   */
  async beat(): Promise<void> {
    const asking = [...this.#deps.subscribers].filter(({ configuration }) => configuration?.counts === true);
    if (asking.length === 0 || this.#isReading) return;
    this.#isReading = true;
    await this.#tell(asking);
    this.#isReading = false;
  }

  /** Sends the counts to a client that asks for the first time. One that asks again waits for the next beat. */
  async welcome(subscriber: Subscriber): Promise<void> {
    if (this.#sent.has(subscriber)) return;
    this.#sent.set(subscriber, "");
    await this.#tell([subscriber]);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #tell(asking: readonly Subscriber[]): Promise<void> {
    try {
      for (const subscriber of asking) {
        this.#send(subscriber, countsMessage(await this.#deps.counts.read(boxesSeen(subscriber.viewer))));
      }
    } catch (cause) {
      this.#deps.log.warn("could not read counts for the live feed", { cause });
    }
  }

  #send(subscriber: Subscriber, message: Buffer): void {
    const text = message.toString();
    if (this.#sent.get(subscriber) === text) return;
    this.#sent.set(subscriber, text);
    subscriber.sendQueue.send(message);
  }
}
