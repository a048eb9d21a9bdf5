import { describe, expect, it } from "vitest";
import type { Case, Step } from "../../../prove/simulation/case/case.ts";
import { generate } from "../../../prove/simulation/case/generate.ts";
import { kindOf, shrink } from "../../../prove/simulation/case/shrink.ts";

const needed: Step[] = [
  { do: "follow", at: 300 },
  { do: "erase-person", at: 900, person: "7", box: null },
];

/** Fails if two steps and one trouble are present, beside any others. */
function play({ steps, troubles }: Case): Promise<{ failure: string | null }> {
  const has = needed.every((step) => steps.some((one) => JSON.stringify(one) === JSON.stringify(step)));
  const fails = has && troubles.some(({ kind }) => kind === "crash");
  return Promise.resolve({ failure: fails ? `evt_${steps.length} is lost: passing ${troubles.length}` : null });
}

describe("a case that fails", () => {
  it("a failing case is made as small as possible, and fails in the same way", async () => {
    const generated = generate(11);
    const crash = { kind: "crash" as const, from: 700, slot: "api", calls: 2, isAfter: true };
    const large = {
      ...generated,
      skewMs: 4000,
      announcesEvents: true,
      steps: [...generated.steps, ...needed],
      troubles: [...generated.troubles, crash],
    };
    const smaller = await shrink(large, "evt_9 is lost: passing 1", play);
    expect(smaller.one).toEqual({ ...generated, skewMs: 0, announcesEvents: false, steps: needed, troubles: [crash] });
    expect(smaller.failure).toBe("evt_2 is lost: passing 1");
  });

  it("a case stays the same if every part of it is needed", async () => {
    const generated = generate(12);
    expect((await shrink(generated, "so it is", () => Promise.resolve({ failure: null }))).one).toEqual(generated);
  });

  it("a smaller case that fails in another way is not taken", () => {
    expect(kindOf("evt_a is lost: passing 3")).toBe(kindOf("evt_b is lost: passing 4"));
    expect(kindOf("evt_a is lost: passing 3")).not.toBe(kindOf("evt_a is there twice: passing 3"));
  });
});
