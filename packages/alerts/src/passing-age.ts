import { ageOf } from "@gatepost/protocol";
import * as z from "zod";

/** An entry about a passing. Tests and entries about boxes do not match. */
const ofPassing = z.object({
  detail: z.object({ event: z.object({ timestamp: z.number(), flags: z.array(z.string()) }) }),
});

/** A rule that may say how old a passing may be. */
interface Aging {
  maxAgeSeconds?: number;
}

/** The age of the passing of an entry. */
export class PassingAge {
  /** ms; null if unknown, and if the entry is about no passing. */
  readonly ms: number | null;
  readonly #asOf: number;
  readonly #isOfPassing: boolean;

  /** @param body an entry as it is sent; `now` is ms since 1970 */
  constructor(body: string, now: number) {
    const { data } = ofPassing.safeParse(JSON.parse(body));
    this.#asOf = now;
    this.#isOfPassing = data !== undefined;
    this.ms = data === undefined ? null : ageOf(data.detail.event, now);
  }

  /** Whether the entry is too old for a rule. An entry without a passing is never too old. */
  isTooOld({ maxAgeSeconds }: Aging): boolean {
    if (maxAgeSeconds === undefined || !this.#isOfPassing) return false;
    return this.ms === null || this.ms > maxAgeSeconds * 1000;
  }

  /** When the entry becomes too old for a rule, ms since 1970; Infinity if never. */
  tooOldAt({ maxAgeSeconds }: Aging): number {
    return maxAgeSeconds === undefined || this.ms === null
      ? Number.POSITIVE_INFINITY
      : this.#asOf + maxAgeSeconds * 1000 - this.ms + 1;
  }
}
