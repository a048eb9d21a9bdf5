import { expect, it } from "vitest";
import { isTooLargeForBus, maxEntryBytes } from "../../standins/bus-entries.ts";

it("the bus stand-in accepts entries up to 1 MB, and refuses larger ones", () => {
  const entry = (bytes: number) => ({ Source: "gatepost", DetailType: "x", Detail: "x".repeat(bytes), Time: 1 });
  const around = "gatepost".length + "x".length + 14;
  expect(isTooLargeForBus(entry(maxEntryBytes - around))).toBe(false);
  expect(isTooLargeForBus(entry(maxEntryBytes - around + 1))).toBe(true);
});
