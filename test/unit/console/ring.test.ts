import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filled, fit, fitFaces, isLeaving, nextPlace } from "../../../packages/console/src/parts/wall/ring.ts";

const free = () => false;

describe("the ring of places", () => {
  it("takes places in reading order and begins again", () => {
    expect([nextPlace(-1, 4, free), nextPlace(0, 4, free), nextPlace(3, 4, free)]).toEqual([0, 1, 0]);
  });

  it("never takes a held place", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        fc.uniqueArray(fc.nat({ max: 39 })),
        (size, seed, held) => {
          const place = nextPlace(seed % size, size, (one) => held.includes(one));
          if (place === null)
            expect(Array.from({ length: size }, (_, one) => one).every((one) => held.includes(one))).toBe(true);
          else expect([held.includes(place), place >= 0 && place < size]).toEqual([false, true]);
        },
      ),
    );
  });

  it("draws the next three places grey, and none if there are few", () => {
    const grey = (at: number, size: number) =>
      Array.from({ length: size }, (_, place) => place).filter((place) => isLeaving(place, at, size));
    expect(grey(9, 12)).toEqual([0, 10, 11]);
    expect(grey(3, 12)).toEqual([4, 5, 6]);
    expect([grey(2, 6), grey(-1, 12)]).toEqual([[], []]);
  });

  it("is filled with the newest, the oldest of them first", () => {
    expect(filled(["c", "b", "a"], 2)).toEqual({ places: ["b", "c"], at: 1 });
    expect(filled(["b", "a"], 4)).toEqual({ places: ["a", "b", null, null], at: 1 });
    expect(filled([], 2)).toEqual({ places: [null, null], at: -1 });
  });

  it("has as many places as fit, and one at least", () => {
    const heightOf = (width: number) => width;
    expect(fit(420, 310, { least: 100, gap: 10, heightOf })).toEqual({ columns: 3, rows: 2 });
    expect(fit(10, 10, { least: 100, gap: 10, heightOf })).toEqual({ columns: 1, rows: 1 });
  });

  it("fits the most faces of a size into a screen, in whole rows", () => {
    const wall = { gap: 10, below: 70 };
    const fitted = [180, 240, 320].map((least) => fitFaces(1448, 960, { ...wall, least }));
    expect(fitted).toEqual([
      { columns: 7, rows: 3 },
      { columns: 5, rows: 3 },
      { columns: 4, rows: 2 },
    ]);
  });

  it("never makes a face smaller than asked, unless the screen is smaller", () => {
    const px = fc.integer({ min: 0, max: 4000 });
    fc.assert(
      fc.property(px, px, fc.constantFrom(180, 240, 320), (width, height, least) => {
        const { columns, rows } = fitFaces(width, height, { least, gap: 10, below: 70 });
        const face = [(width + 10) / columns - 10, (height + 10) / rows - 10 - 70];
        if (columns * rows > 1) expect(Math.min(...face)).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});
