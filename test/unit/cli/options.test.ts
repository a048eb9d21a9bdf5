import { describe, expect, it } from "vitest";
import {
  bytesADay,
  localTime,
  s3Place,
  seconds,
  several,
  targetUrl,
  time,
  timeText,
} from "../../../packages/cli/src/options.ts";
import { contact } from "../../../packages/cli/src/runtime/start.ts";

describe("an option takes", () => {
  it("an e-mail address as contact, with or without mailto", () => {
    for (const text of ["mailto:it@example.com", "it@example.com"]) expect(contact(text)).toBe("it@example.com");
    for (const text of ["it@gate.local", "https://gate.example.com", ""]) {
      expect(() => contact(text)).toThrow("It must be an e-mail address that can exist, as mailto:it@example.com.");
    }
  });

  it.each([
    ["2026-11-05T00:00:00+08:00", Date.UTC(2026, 10, 4, 16)],
    ["2026-11-05T00:00:00.5Z", Date.UTC(2026, 10, 5, 0, 0, 0, 500)],
    ["2028-02-29T23:59:59Z", Date.UTC(2028, 1, 29, 23, 59, 59)],
    ["1793836800", Date.UTC(2026, 10, 5)],
    ["1793836800000", Date.UTC(2026, 10, 5)],
  ])("%s as a time", (text, ms) => {
    expect(time(text)).toBe(ms);
    expect(timeText(text)).toBe(text);
  });

  it.each([
    ["1b", 1],
    ["500mb", 500 * 1024 ** 2],
    ["2 GB", 2 * 1024 ** 3],
    ["1tb", 1024 ** 4],
  ])("%s as the bytes of a day", (text, bytes) => expect(bytesADay(text)).toBe(bytes));

  it.each([
    ["0", 0],
    ["999999", 999_999],
  ])("%s as seconds", (text, number) => expect(seconds(text)).toBe(number));

  it.each([
    ["s3://gate-backup", { bucket: "gate-backup", prefix: "" }],
    ["s3://gate-backup/", { bucket: "gate-backup", prefix: "" }],
    ["s3://gate-backup/north/one//", { bucket: "gate-backup", prefix: "north/one/" }],
  ])("%s as a place in a bucket", (text, place) => expect(s3Place(text)).toEqual(place));

  it.each([
    ["https://gate.example.com/", "https://gate.example.com"],
    ["http://10.0.0.2:8080/gate//", "http://10.0.0.2:8080/gate"],
  ])("%s as an address", (text, address) => expect(targetUrl(text)).toBe(address));

  it("several values, in their order", () => {
    expect(several("b", several("a"))).toEqual(["a", "b"]);
  });
});

describe("a time of a day", () => {
  it.each([
    ["2026-11-05", Date.UTC(2026, 10, 5)],
    ["2026-11-05T00:00:00+08:00", Date.UTC(2026, 10, 4, 16)],
    ["2026-11-05T08:00", new Date(2026, 10, 5, 8).getTime()],
    ["1793836800", Date.UTC(2026, 10, 5)],
  ])("is %s", (text, ms) => expect(localTime(text)).toBe(ms));

  it.each(["", "2026-02-31", "2026-02-31T00:00:00Z", "2026-11-05T25:00", "2026-11-05 yesterday"])("is not %j", (text) =>
    expect(localTime(text)).toBeNaN(),
  );
});

describe("an option takes no", () => {
  // A time without a zone is another one on each machine, and `Date` has a 31st of each month.
  it.each([
    ...["", "2026-11-05", "2026-11-05T00:00:00", "2026-11-05T25:00:00Z", "2026-13-01T00:00:00Z", "today"],
    ...["2026-02-31T00:00:00Z", "2026-02-29T00:00:00+08:00", "2026-04-31T00:00:00Z"],
  ])("time %j", (text) => {
    expect(() => time(text)).toThrow("2026-11-05T08:00:00+08:00");
    expect(() => timeText(text)).toThrow("2026-11-05T08:00:00+08:00");
  });

  it.each(["", "0", "-1mb", "1.5gb", "1pb", "9999999999tb"])("bytes of a day %j", (text) => {
    expect(() => bytesADay(text)).toThrow("500mb or 2gb");
  });

  it.each(["", "-1", "1.5", "1e3", "1000000"])("seconds %j", (text) => {
    expect(() => seconds(text)).toThrow("whole number of seconds");
  });

  it.each([
    ...["", "gate-backup", "s3://", "s3://ab-", "s3://Gate", "https://gate-backup"],
    ...["s3://gate-backup/a b", "s3://gate-backup/../other", "s3://gate-backup/north/.."],
  ])("place in a bucket %j", (text) => {
    expect(() => s3Place(text)).toThrow("s3://bucket/prefix");
  });

  it.each([
    ...[
      "",
      "gate.example.com",
      "ftp://gate.example.com",
      "https://gate.example.com/?a=1",
      "https://gate.example.com/#a",
    ],
    ...["https://me@gate.example.com", "https://:secret@gate.example.com"],
  ])("address %j", (text) => {
    expect(() => targetUrl(text)).toThrow("https://gate.example.com");
  });
});
