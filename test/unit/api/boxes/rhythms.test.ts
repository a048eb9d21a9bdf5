import { Rhythms } from "@gatepost/core/boxes";
import { describe, expect, it } from "vitest";
import { day, noon, week } from "./support.ts";

const halfHour = 30 * 60_000;
const to = noon + halfHour;

/** Counts that record each range that is read. */
function counting(counts: (start: number) => number) {
  const read: { box: string; from: number; to: number }[] = [];
  const rhythms = new Rhythms({
    async totals({ from, to: end, boxes }) {
      read.push({ box: boxes?.join() ?? "", from, to: end });
      const starts = Array.from({ length: (end - from) / halfHour }, (_, of) => from + of * halfHour);
      return new Map(starts.flatMap((start) => (counts(start) > 0 ? [[start, counts(start)]] : [])));
    },
  });
  return { rhythms, read };
}

describe("the rhythm of a box", () => {
  it("the rhythm is the last 24 hours by half-hour, beside the mean of four weeks", async () => {
    const { rhythms } = counting((start) =>
      start === noon ? 12 : start === noon - week ? 14 : start === noon - 2 * week ? 13 : 0,
    );
    const { by, from, counts, usual } = await rhythms.of("gate-1", noon + 5, noon - 300 * day);
    expect([by, from, counts.length, usual.length]).toEqual(["half-hour", new Date(to - day).toISOString(), 48, 48]);
    expect([counts.at(-1), usual.at(-1)]).toEqual([12, 6.8]);
  });

  it("weeks before the first sign do not count as quiet", async () => {
    const { rhythms } = counting(() => 4);
    expect((await rhythms.of("gate-1", noon, noon - 10 * day)).usual.at(-1)).toBe(4);
    expect((await rhythms.of("new", noon, noon - day)).usual.at(-1)).toBe(0);
  });

  it("a rhythm reads one day of counts each time, and four more once per half-hour", async () => {
    const { rhythms, read } = counting(() => 1);
    await rhythms.of("gate-1", noon, 0);
    expect(read.map(({ from, to: end }) => end - from)).toEqual(new Array(5).fill(day));
    for (let asked = 0; asked < 10; asked += 1) await rhythms.of("gate-1", noon + asked, 0);
    expect(read).toHaveLength(15);
    await rhythms.of("gate-1", noon + halfHour, 0);
    expect(read).toHaveLength(20);
  });
});
