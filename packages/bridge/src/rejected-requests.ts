import { GatepostError } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import type { RequestHead } from "@gatepost/receive";
import type { Clock } from "./clock.ts";
import type { Admit } from "./relay/relay.ts";
import type { BridgeStatus } from "./status.ts";

/** ms between two lines of the log. */
const sayEveryMs = 60_000;

/** Requests to the relay without a configured key. Without this, a box that was set up wrongly would not be noticed. */
export class RejectedRequests {
  readonly #clock: Clock;
  readonly #log: Log;
  #seen: BridgeStatus["unadmitted"] = null;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** All requests since the bridge was started; null if there was none. */
  get seen(): BridgeStatus["unadmitted"] {
    return this.#seen;
  }

  async noting(admit: Admit, request: RequestHead): ReturnType<Admit> {
    try {
      return await admit(request);
    } catch (error) {
      if (error instanceof GatepostError) this.#note(request.address);
      throw error;
    }
  }

  #note(from: string): void {
    const at = this.#clock.now();
    this.#seen = { times: (this.#seen?.times ?? 0) + 1, at, from };
    if (Math.abs(at - this.#saidAt) < sayEveryMs) return;
    this.#saidAt = at;
    this.#log.warn("refused at the relay: no key of the file in the URL", { from, times: this.#seen.times });
  }
}
