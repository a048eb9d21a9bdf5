import type { JsonObject } from "@gatepost/protocol";
import { type Encoded, type Encoding, encode } from "./bodies/encode.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { Passing } from "./passing.ts";
import { type Manner, post } from "./post.ts";
import type { Channel, Watcher } from "./watcher.ts";

export interface UploadOptions {
  channel: Channel;
  /** The target; read anew for every report, because a box can be set to another address. Null: nowhere yet. */
  url(): URL | null;
  body(passing: Passing): JsonObject;
  encoding(): Encoding;
  /** Whether one post carries all of a cycle. Whether boxes do that is not documented. docs/formats.md §3. */
  inBatches: boolean;
  faults: Faults;
  watch: Watcher;
  clock: Clock;
}

/** Reports that one cycle uploads at most, and ms from one cycle to the next. docs/formats.md §3. */
const batchSize = 100;
const periodMs = 1000;
const timeoutMs = 10_000;

/** The reports of a box, uploaded in order. Each is repeated until it is accepted, so none is skipped. */
export class Uploads {
  readonly #options: UploadOptions;
  readonly #tried = new WeakSet<Passing>();
  #waiting: Passing[] = [];

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(passing: Passing): void {
    this.#waiting.push(passing);
  }

  /** Uploads cycle after cycle until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.cycle(signal);
      await this.#options.clock.sleep(periodMs, signal);
    }
  }

  /** Uploads the waiting reports, up to the maximum of one cycle, and ends at the first that is not accepted. */
  async cycle(signal: AbortSignal): Promise<void> {
    const { inBatches } = this.#options;
    let left = Math.min(batchSize, this.#waiting.length);
    while (left > 0 && !signal.aborted) {
      const next = this.#waiting.slice(0, inBatches ? left : 1);
      if (!(await this.#upload(next))) return;
      this.#waiting.splice(0, next.length);
      left -= next.length;
    }
  }

  async #upload(passings: readonly Passing[]): Promise<boolean> {
    const { faults, watch, channel, url } = this.#options;
    const to = url();
    if (to === null) return false;
    for (const passing of passings) {
      watch(this.#tried.has(passing) ? "repeated" : "sent", channel, passing);
      this.#tried.add(passing);
    }
    const body = this.#encode(passings);
    if (faults.strikes("truncate")) await this.#post(to, truncated(body), "whole");
    const isAccepted = await this.#post(
      to,
      body,
      faults.strikes("cut") ? "cut" : faults.strikes("slow") ? "slow" : "whole",
    );
    if (!isAccepted) return false;
    for (const passing of passings) watch("accepted", channel, passing);
    if (faults.strikes("duplicate")) await this.#post(to, body, "whole");
    return true;
  }

  #encode(passings: readonly Passing[]): Encoded {
    const { body, encoding, inBatches } = this.#options;
    const bodies = passings.map(body);
    const [first] = bodies;
    return encode(inBatches || first === undefined ? bodies : first, encoding());
  }

  async #post(url: URL, body: Encoded, manner: Manner): Promise<boolean> {
    const to = this.#options.faults.strikes("wrong-url") ? mixedUp(url) : url;
    return (await post(to, body, { timeoutMs, manner })) === "accepted";
  }
}

/** A broken copy, sent before the whole one: its text ends early though its length is right. */
function truncated({ contentType, bytes }: Encoded): Encoded {
  return { contentType, bytes: bytes.subarray(0, Math.floor(bytes.length * 0.7)) };
}

/** Installers mix up the two URLs of a box. docs/formats.md §5.10. */
function mixedUp(url: URL): URL {
  return new URL(url.href.replace(/\/HistoryEvent$/, "/RealTimeEvent"));
}
