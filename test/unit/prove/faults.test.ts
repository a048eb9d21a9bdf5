import { describe, expect, it } from "vitest";
import { failingCalls } from "../../../prove/power/faults.ts";
import type { Recording } from "../../../prove/power/recording.ts";
import { scenes } from "../../../prove/power/scenes/all.ts";

const recorded = (counts: [string, number][]) =>
  ({ scene: scenes[0], counts: new Map(counts) }) as unknown as Recording;
const two = [
  recorded([["fsync", 2]]),
  recorded([
    ["rename", 1],
    ["openat", 9],
  ]),
];
const faults = (at: string | null) => [...failingCalls(two, { seed: 1, at })];

describe("failing calls of a recorded scene", () => {
  it("every call that writes or syncs may fail, with each error and at each count", () => {
    const all = faults(null).map(({ fault }) => fault);
    expect(all.toSorted()).toEqual([
      "fsync:error=EIO:when=1",
      "fsync:error=EIO:when=2",
      "fsync:error=ENOSPC:when=1",
      "fsync:error=ENOSPC:when=2",
      "rename:error=EIO:when=1",
      "rename:error=ENOSPC:when=1",
    ]);
  });

  it("scenes take turns in the order of failing calls", () => {
    expect(faults(null).map(({ of }) => two.indexOf(of))).toEqual([0, 1, 0, 1, 0, 0]);
  });

  it("failing calls can be limited to one name", () => {
    expect(faults("rename").map(({ of }) => two.indexOf(of))).toEqual([1, 1]);
  });
});
