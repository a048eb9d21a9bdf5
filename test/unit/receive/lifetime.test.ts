import { shortens } from "@gatepost/core/retention";
import { expect, it } from "vitest";

it.each([
  ["was received first", 20, true],
  ["was received later", 40, false],
  ["was received at the same time", 30, false],
  ["has expired itself", 10, false],
])("a report that %s sets its event's expiry only if it is first", (_, expiresAt, is) => {
  expect(shortens({ now: 10, expiresAt }, 30)).toBe(is);
});
