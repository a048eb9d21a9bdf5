import { machineZone } from "@gatepost/core/zones";
import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A machine as Node shows it: the name of its zone, if it has one, and the minutes that UTC is ahead of it. */
function machine(timeZone: string | undefined, utcAhead: number): void {
  const options = { ...Intl.DateTimeFormat().resolvedOptions(), timeZone } as Intl.ResolvedDateTimeFormatOptions;
  vi.spyOn(Intl.DateTimeFormat.prototype, "resolvedOptions").mockReturnValue(options);
  vi.spyOn(Date.prototype, "getTimezoneOffset").mockReturnValue(utcAhead);
}

describe("the zone of the machine", () => {
  it("the zone has the machine's name for it", () => {
    machine("Asia/Shanghai", -480);
    expect(machineZone().name).toBe("Asia/Shanghai");
  });

  it.each([
    ["TZ=CST-8", undefined, -480, "+08:00"],
    ["TZ=IST-5:30", undefined, -330, "+05:30"],
    ["TZ=XYZ+3:30", undefined, 210, "-03:30"],
    ["TZ=Nowhere/At-All", undefined, 0, "UTC"],
    ["TZ=", "Etc/Unknown", 0, "UTC"],
  ])("the zone is derived from the clocks if %s gives no known name", (_, name, utcAhead, shown) => {
    machine(name, utcAhead);
    expect(machineZone().name).toBe(shown);
    expect(machineZone().offsetAt(0) / 60_000 + utcAhead).toBe(0);
  });
});
