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

/** How long ago the passing was that an entry tells of. */
export class PassingAge {
  /** ms; null where nobody knows, and where the entry tells of no passing. */
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

  /** Whether a rule does not want the entry any more. What tells of no passing is never too old. */
  isTooOld({ maxAgeSeconds }: Aging): boolean {
    if (maxAgeSeconds === undefined || !this.#isOfPassing) return false;
    return this.ms === null || this.ms > maxAgeSeconds * 1000;
  }

  /** When the entry is too old for a rule, ms since 1970; Infinity where it never is. */
  tooOldAt({ maxAgeSeconds }: Aging): number {
    return maxAgeSeconds === undefined || this.ms === null
      ? Number.POSITIVE_INFINITY
      : this.#asOf + maxAgeSeconds * 1000 - this.ms + 1;
  }
}
