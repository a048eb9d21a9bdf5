import { passRecord } from "./bodies/nested.ts";
import { platformA } from "./bodies/platform-a.ts";
import { type Passing, picturesOf } from "./passing.ts";
import type { BoxOptions } from "./se3.ts";
import { Uploads } from "./uploads.ts";

/**
 * A sophonsight platform that reports to a third party. Whether it repeats is not documented; this one does until it
 * was heard. docs/formats.md §2 (e), (f).
 */
export class Platform {
  readonly #uploads: Uploads;

  constructor(generation: "A" | "B", url: URL, { album, ...options }: Omit<BoxOptions, "version">) {
    const write = generation === "A" ? platformA : passRecord;
    this.#uploads = new Uploads({
      inBatches: false,
      ...options,
      channel: "pass-record",
      url: () => url,
      body: (passing) => write(passing, picturesOf(passing, album)),
      encoding: () => "json",
    });
  }

  get waiting(): number {
    return this.#uploads.waiting;
  }

  passes(passing: Passing): void {
    this.#uploads.add(passing);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#uploads.run(signal);
  }
}
