import { hourMs } from "@gatepost/protocol";
import type { Random } from "./random.ts";

/** Faults between a box and its receiver, each with its chance from 0 to 1. */
export const faultNames = ["cut", "truncate", "duplicate", "clock", "wrong-url", "slow"] as const;
export type FaultName = (typeof faultNames)[number];
export type FaultChances = Partial<Record<FaultName, number>>;

/** Chooses the next fault by chance. */
export class Faults {
  readonly #chances: FaultChances;
  readonly #random: Random;

  constructor(chances: FaultChances, random: Random) {
    this.#chances = chances;
    this.#random = random;
  }

  strikes(name: FaultName): boolean {
    const chance = this.#chances[name] ?? 0;
    return chance > 0 && this.#random() < chance;
  }

  /** ms by which the clock of a box is off now: mostly none, else up to an hour either way. */
  skew(): number {
    return this.strikes("clock") ? Math.round((this.#random() - 0.5) * 2 * hourMs) : 0;
  }
}
