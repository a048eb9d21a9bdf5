import { type JsonObject, seemsPassing } from "@gatepost/protocol";
import { suggest } from "@gatepost/protocol/teaching";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { photo } from "../../support/pictures.ts";

const receivedAt = Date.UTC(2026, 10, 27, 1);

/** Whether `suggest` finds a time, and a person or a picture. */
function suggestsPassing(value: JsonObject): boolean {
  const steps = suggest([{ value, receivedAt }]);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done !== true) continue;
    const { fields, pictures } = step.value;
    const isOfPerson = ["person.id", "person.name", "card"].some((name) => name in fields);
    return "time" in fields && (isOfPerson || "face" in pictures || "scene" in pictures);
  }
}

const times = fc.constantFrom<[string, string | number]>(
  ["time", "2026-11-27 08:41:17"],
  ["ts", 1795740077],
  ["x", "27.11.2026 08:41"],
  ["stamp", "1795740077123"],
  ["entryTime", "20261127084117"],
  ["when", "5/11/2026 8:41:17"],
);
const people = fc.constantFrom<[string, string | number]>(
  ["personId", "48213"],
  ["employee_no", 48213],
  ["employeeNoString", "7"],
  ["userName", "Grace Silva"],
  ["name", "Grace Silva"],
  ["Name", "Grace Silva"],
  ["full_name", "Grace Silva"],
  ["x", "陈敏"],
  ["uid", "7"],
  ["pin", 7],
  ["cardNo", "0123456"],
  ["workNo", "A7"],
  ["badgeNumber", "7"],
  ["badgeId", "7"],
  ["employeeIdStr", "7"],
  ["personSerialNo", "7"],
  ["jobNumber", "7"],
  ["visitor", "Grace Silva"],
  ["photo", photo("a")],
  ["sceneImage", photo("b")],
);
const others = fc.constantFrom<[string, string | number | boolean]>(
  ["deviceName", "North"],
  ["deviceKey", "84E0F420"],
  ["uptime", 86_400],
  ["status", "ok"],
  ["online", true],
  ["ip", "192.168.1.77"],
  ["version", "1.4.2"],
);
const around = fc.constantFrom<(value: JsonObject) => JsonObject>(
  (value) => value,
  (value) => ({ data: value }),
  (value) => ({ op: "event", info: { record: value } }),
  (value) => ({ seq: 7, list: [value, value] }),
);

describe("a report", () => {
  it("seems to be about a passing wherever a mapping is suggested with a time and a person", () => {
    fc.assert(
      fc.property(fc.option(times), fc.option(people), fc.array(others), around, (time, person, more, wrap) => {
        const members = [time, ...more, person].filter((one) => one !== null);
        const value = wrap(Object.fromEntries(members));
        if (suggestsPassing(value)) expect(seemsPassing(value, receivedAt)).toBe(true);
      }),
    );
  });

  it.each<[string, JsonObject]>([
    ["a heartbeat", { op: "heartbeat", deviceKey: "84E0F420", ip: "192.168.1.77", time: "2026-11-27 08:41:17" }],
    ["a device that counts its users", { cmd: "info", userCount: 7, faceCount: 7, ts: 1795740077 }],
    ["a person without a time", { op: "user", personId: "7", userName: "Grace Silva" }],
    ["a time of another century", { personId: "7", time: "1970-01-01 00:00:00" }],
    ["nothing", { time: "", personId: null, isUser: true }],
  ])("seems not to be about a passing: %s", (_, value) => expect(seemsPassing(value, receivedAt)).toBe(false));

  it("is looked at for 400 values and two elements of a list", () => {
    const passing = { time: "2026-11-27 08:41:17", personId: "7" };
    const filled = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, at]));
    expect(seemsPassing({ ...filled(398), ...passing }, receivedAt)).toBe(true);
    expect(seemsPassing({ ...filled(399), ...passing }, receivedAt)).toBe(false);
    expect(seemsPassing({ list: [{}, passing] }, receivedAt)).toBe(true);
    expect(seemsPassing({ list: [{}, {}, passing] }, receivedAt)).toBe(false);
  });

  it("is not about a passing if its only face is longer than any picture", () => {
    const timed = (face: string) => ({ time: "2026-11-27 08:41:17", face });
    const most = 16 * 1024 * 1024;
    expect(seemsPassing(timed("/9j/".padEnd(most, "A")), receivedAt)).toBe(true);
    expect(seemsPassing(timed("/9j/".padEnd(most + 1, "A")), receivedAt)).toBe(false);
  });
});
