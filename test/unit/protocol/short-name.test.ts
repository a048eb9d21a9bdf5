import { deviceName, shortName, shortText } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";

describe("a name that is too long", () => {
  it("has 128 characters, and is another one for each", () => {
    const names = ["a", "b", "\ud800", "\ud801"].map((end) => shortName(`${"d".repeat(8000)}${end}`));
    expect(names.map((name) => name.length)).toEqual([128, 128, 128, 128]);
    expect(new Set(names).size).toBe(4);
    expect(names[0]).toMatch(/^d{111}~[0-9a-f]{16}$/);
  });

  it("is cut between characters", () => {
    const name = shortName(`${"d".repeat(110)}😀${"d".repeat(100)}`);
    expect(name).toMatch(/^d{110}~[0-9a-f]{16}$/);
    expect(shortText(`${"d".repeat(127)}😀`)).toBe("d".repeat(127));
  });

  it("is unchanged with 128 characters", () => {
    expect(shortName("d".repeat(128))).toBe("d".repeat(128));
    expect(shortText("d".repeat(129))).toBe("d".repeat(128));
  });

  it("is cut in what a device is called", () => {
    const long = "d".repeat(200);
    expect(deviceName({ id: long, endpoint: null, ip: null })).toBe(shortName(long));
  });
});
