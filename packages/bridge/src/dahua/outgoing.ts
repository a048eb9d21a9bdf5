import type { Log } from "@gatepost/core/log";
import { whyOf } from "../why.ts";
import type { StreamEvent } from "./stream-event.ts";

/** Looks (each two seconds) for which the faces at a door are about one approach of a person. */
const approachLooks = 4;

/** Most events that wait, and most bytes of them. */
const maxWaiting = 2000;
const maxBytes = 16 * 1024 * 1024;

interface Waiting {
  event: StreamEvent;
  /** Looks until it is written; 0 if it only waits for the disk. */
  looks: number;
}

interface OutgoingOptions {
  box: string;
  log: Log;
  /** Writes a report into the spool. */
  take(report: StreamEvent["report"]): Promise<void>;
}

/**
 * The passings of a stream on their way into the spool. A face at a door is kept back for the approach of its person, and
 * left out if the terminal reports the passing in another event. An event that cannot be written is tried again: the
 * stream does not repeat it.
 */
export class Outgoing {
  readonly #options: OutgoingOptions;
  #waiting: Waiting[] = [];
  #bytes = 0;
  /** The looks until the approach of a person whose passing was written is over. */
  readonly #written = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Takes a passing or a face. Resolves once it is in the spool, or waits. */
  async add(event: StreamEvent): Promise<void> {
    const { kind, person } = event;
    if (kind === "face" && this.#isRepeated(person)) return;
    if (kind === "passing") {
      this.#drop(({ event: one, looks }) => looks > 0 && one.person === person);
      this.#written.set(person, approachLooks);
    }
    this.#waiting.push({ event, looks: kind === "face" ? approachLooks : 0 });
    this.#bytes += event.report.body.length;
    await this.#write();
    this.#limit();
  }

  /** Writes the events that waited for long enough. Call it every two seconds. */
  look(): Promise<void> {
    for (const [person, looks] of this.#written) {
      if (looks > 1) this.#written.set(person, looks - 1);
      else this.#written.delete(person);
    }
    for (const waiting of this.#waiting) waiting.looks = Math.max(0, waiting.looks - 1);
    return this.#write();
  }

  /** Writes all events that wait, at the end of a connection. In the next one, each face is of another approach. */
  async finish(): Promise<void> {
    for (const waiting of this.#waiting) waiting.looks = 0;
    await this.#write();
    this.#written.clear();
  }

  /** Strangers are not told apart, so only an event of another kind is about the same one. */
  #isRepeated(person: string): boolean {
    if (this.#written.has(person)) return true;
    return person !== "" && this.#waiting.some(({ event }) => event.person === person);
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeDue());
    return this.#writing;
  }

  async #writeDue(): Promise<void> {
    const { take, log, box } = this.#options;
    for (const waiting of this.#waiting.filter(({ looks }) => looks === 0)) {
      try {
        await take(waiting.event.report);
      } catch (error) {
        log.warn("event not written, trying again", { box, why: whyOf(error) });
        return;
      }
      this.#drop((other) => other === waiting);
      if (waiting.event.person !== "") this.#written.set(waiting.event.person, approachLooks);
    }
  }

  #drop(isDropped: (one: Waiting) => boolean): void {
    this.#waiting = this.#waiting.filter((one) => {
      if (!isDropped(one)) return true;
      this.#bytes -= one.event.report.body.length;
      return false;
    });
  }

  /** Leaves the oldest events out if the disk takes none for long. */
  #limit(): void {
    const { log, box } = this.#options;
    while (this.#waiting.length > maxWaiting || this.#bytes > maxBytes) {
      const [oldest] = this.#waiting;
      this.#drop((one) => one === oldest);
      log.error("event lost: the disk took none for too long", { box });
    }
  }
}
