import { announced, announcing, leased, newRecord } from "@gatepost/core/boxes";
import { expect, it } from "vitest";
import { noon } from "../support.ts";

const minute = 60_000;
const box = { type: "silent", device: null, since: noon, at: noon } as const;
const others = [
  { ...box, device: "10.0.0.7" },
  { ...box, type: "recovered" },
  { ...box, since: noon + 1 },
] as const;

it("sent announcements are removed, and any that differ are kept", () => {
  const record = announcing(newRecord("gate-1"), [box, ...others], noon);
  expect(announced(record, [box]).announcements).toEqual(others);
  expect(announced(record, [{ ...box, at: noon + 5 }, ...others]).announcements).toEqual([]);
});

it("a lease lasts a minute, and new announcements join the remaining ones", () => {
  const record = announcing(newRecord("gate-1"), [box], noon);
  expect(leased(record, noon + minute - 1)).toBeNull();
  const taken = leased(record, noon + minute);
  expect(taken?.leasedUntil).toBe(noon + 2 * minute);
  expect(announcing(record, others, noon + 1)).toMatchObject({
    announcements: [box, ...others],
    leasedUntil: noon + minute,
  });
  expect(announcing(record, others, noon + minute).leasedUntil).toBe(noon + 2 * minute);
  expect(announcing(record, [], noon + minute)).toBe(record);
  expect(leased(newRecord("gate-1"), noon)).toBeNull();
});
