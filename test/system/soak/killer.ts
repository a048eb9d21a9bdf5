import type { ChildProcess } from "node:child_process";
import type { Random } from "@gatepost/simulator";

/** ms after the begin of an invocation in which it is at work: before, while and after it writes. */
const atWork = 80;

/** Ends processes of functions in the middle of an invocation, for which the platform answers 500. */
export class Killer {
  killed = 0;
  readonly #random: Random;
  #share = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Meets the process of every invocation as it begins. */
  readonly meet = (process: ChildProcess): void => {
    if (this.#random() >= this.#share) return;
    setTimeout(() => {
      // SIGKILL is how a function is ended that takes too long; that is another answer.
      if (process.kill("SIGTERM")) this.killed += 1;
    }, this.#random() * atWork);
  };

  /** Kills some of those that begin meanwhile. */
  async during(trouble: () => Promise<void>): Promise<void> {
    this.#share = 0.3 + this.#random() / 2;
    await trouble();
    this.#share = 0;
  }
}
