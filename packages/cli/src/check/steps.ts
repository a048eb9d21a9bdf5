import { sayWhy } from "../failure.ts";

/** What a check does, in this order. */
type StepName = "key" | "connect" | "deliver" | "read" | "pictures" | "live" | "bus" | "erase" | "revoke";

export interface Step {
  step: StepName;
  ms: number;
  /** Why it failed; null where it did not. */
  failed: string | null;
}

/** Takes steps, and notes how long each took and whether it failed. */
export class Steps {
  readonly taken: Step[] = [];

  /** Throws what the step throws. */
  async take<Result>(step: StepName, act: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const note = (failed: string | null) =>
      this.taken.push({ step, ms: Math.round(performance.now() - began), failed });
    try {
      const result = await act();
      note(null);
      return result;
    } catch (error) {
      note(sayWhy(error));
      throw error;
    }
  }

  get failures(): Step[] {
    return this.taken.filter(({ failed }) => failed !== null);
  }
}
