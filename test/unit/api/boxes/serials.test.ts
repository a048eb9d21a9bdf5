import { alternatingSerials, serialOfNotice, serialOfReport } from "@gatepost/core/boxes";
import type { JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { joinedSerials, serialsOf } from "../../../../packages/core/src/boxes/activity.ts";
import { day, hour, noon } from "./support.ts";

const named = (serial: string, ...times: number[]) =>
  times
    .flatMap((at) => serialsOf(serial, at))
    .reduce<ReturnType<typeof serialsOf>>((sum, one) => joinedSerials(sum, [one]), []);
const alternating = (...all: ReturnType<typeof serialsOf>[]) =>
  alternatingSerials(
    all.reduce((sum, one) => joinedSerials(sum, one), []),
    noon,
  );

describe("the serials of a box", () => {
  it.each([
    ["history", "S1"],
    ["realtime", "S1"],
    ["live", "S1"],
    ["pass-record", null],
    ["backfill", null],
  ] as const)("a serial is read from %s: %j", (kind, serial) => {
    expect(serialOfReport({ kind, serial: "S1 \u0000" })).toBe(serial);
    expect(serialOfReport({ kind })).toBeNull();
  });

  it.each<[JsonObject, string | null]>([
    [{ dev_sno: "S1 ", gateway_sn: "G" }, "S1"],
    [{ mq_license_key: "S1" }, "S1"],
    [{ devSno: 7 }, "7"],
    [{ gateway_sn: "G", deviceId: "D" }, null],
  ])("a serial is read from the box status %j: %j", (report, serial) => {
    expect(serialOfNotice(report)).toBe(serial);
  });

  it("the newest four serials are kept with their first and last times", () => {
    const serials = ["A", "B", "C", "D", "E"].map((serial, n) => named(serial, noon - n, noon - n - hour));
    expect(serials.reduce(joinedSerials)).toEqual(
      ["A", "B", "C", "D"].map((serial, n) => ({ serial, first: noon - n - hour, last: noon - n })),
    );
    expect(joinedSerials(named("A", noon), named("B", noon))).toEqual(
      joinedSerials(named("B", noon), named("A", noon)),
    );
  });

  it("serials alternate if one appears between two reports of the other", () => {
    expect(alternating(named("B", noon - 2 * hour, noon - hour), named("A", noon - 90 * 60_000))).toEqual(["A", "B"]);
    expect(alternating(named("A", noon - 2 * hour, noon), named("B", noon - hour, noon - hour + 1))).toEqual([
      "A",
      "B",
    ]);
  });

  it("serials do not alternate if a box was replaced, or a day ago or earlier", () => {
    expect(alternating(named("A", noon - 3 * hour, noon - 2 * hour), named("B", noon - hour, noon))).toEqual([]);
    expect(alternating(named("A", noon - 3 * day, noon - day), named("B", noon - 2 * day, noon))).toEqual([]);
    expect(alternating(named("A", noon))).toEqual([]);
  });
});
