import { machineZone, zoneFault } from "@gatepost/core/zones";
import { describe, expect, it } from "vitest";

describe("A name for a time zone", () => {
  it.each(["UTC", "GMT", "Asia/Shanghai", "america/new_york", "Etc/GMT-8", "+08:00", "CST6CDT", "CET", "Japan"])(
    "may be %s",
    (name) => expect(zoneFault(name)).toBeNull(),
  );

  it.each([
    ["CST", "Asia/Shanghai", "America/Chicago"],
    ["cst", "Asia/Shanghai", "America/Chicago"],
    ["IST", "Asia/Kolkata", "Asia/Jerusalem"],
    ["EST", "America/New_York", "Australia/Sydney"],
    ["EDT", "America/New_York", "Australia/Sydney"],
    ["BST", "Europe/London", "Asia/Dhaka"],
    ["AST", "America/Halifax", "Asia/Riyadh"],
  ])("is refused if it is %s, naming %s and %s", (name, one, other) => {
    const fault = `${name.toUpperCase()} is the name of several time zones: write ${one} or ${other}`;
    expect(zoneFault(name)).toBe(fault);
    expect([zoneFault(one), zoneFault(other)]).toEqual([null, null]);
  });

  it.each([
    ["UTC+8", "Asia/Shanghai or Etc/GMT-8"],
    // A plus that was not escaped in an address arrives as a blank.
    ["UTC 8", "Asia/Shanghai or Etc/GMT-8"],
    ["gmt+08:00", "Asia/Shanghai or Etc/GMT-8"],
    ["GMT-3", "America/Sao_Paulo or Etc/GMT+3"],
    ["UTC+14", "Etc/GMT-14"],
  ])("is refused if it is %s, with %s as a hint", (name, hint) => {
    expect(zoneFault(name)).toBe(`must be a time zone: write ${hint} for this offset`);
  });

  it.each(["", "PLT", "Nowhere/Else", "UTC+15", "UTC+0", "UTC+8:30", "x".repeat(64)])(
    "is refused if it is %j",
    (name) => expect(zoneFault(name)).toBe("must be a time zone as Asia/Shanghai"),
  );

  it("may be the zone of any machine", () => {
    expect(zoneFault(machineZone().name)).toBeNull();
  });
});
