import fc from "fast-check";
import { expect, it } from "vitest";
import { type PackPart, uncovered } from "../../../../packages/embedded/src/backup/places.ts";

const place = fc.record({
  month: fc.constantFrom("2026-01", "2026-02"),
  position: fc.nat(20),
  bytes: fc.integer({ min: 1, max: 8 }),
});

const places = fc
  .array(place, { maxLength: 8 })
  .map((found) => found.sort((a, b) => a.month.localeCompare(b.month) || a.position - b.position));

const bytesOf = (found: Iterable<PackPart>) =>
  new Set(
    [...found].flatMap(({ month, position, bytes }) =>
      Array.from({ length: bytes }, (_, n) => `${month}/${position + n}`),
    ),
  );

it("the uncovered bytes are all bytes of the places and no kept byte", () => {
  fc.assert(
    fc.property(places, places, (erased, kept) => {
      const stay = bytesOf(kept);
      const gone = [...bytesOf(erased)].filter((byte) => !stay.has(byte));
      expect(bytesOf(uncovered(erased, kept))).toEqual(new Set(gone));
    }),
  );
});
