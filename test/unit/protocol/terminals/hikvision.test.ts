import type { JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { jpeg } from "../../../support/pictures.ts";
import { passingOf, signsIn } from "../../../support/terminal-values.ts";

const access: JsonObject = {
  majorEventType: 5,
  subEventType: 75,
  serialNo: 7,
  employeeNoString: "00042",
  name: "陈一",
};

function event(changes: JsonObject = {}, root: JsonObject = {}): JsonObject {
  return {
    ipAddress: "192.168.1.64",
    macAddress: "00:11:22:33:44:AA",
    eventType: "AccessControllerEvent",
    dateTime: "2026-11-24T08:01:18+08:00",
    ...root,
    AccessControllerEvent: { ...access, ...changes },
  };
}
const picture = { terminalPictures: { face: jpeg("face").toString("base64") } };
const reportOf = (changes?: JsonObject, root?: JsonObject) => passingOf(event(changes, root)).report;

describe("an access event of Hikvision", () => {
  it.each([
    [1, "granted", "card", undefined],
    [9, "denied", "card", "card not known"],
    [38, "granted", "fingerprint", undefined],
    [39, "denied", "fingerprint", "fingerprint not known"],
    [75, "granted", "face", undefined],
    [76, "denied", "face", "face not known"],
    [199, undefined, undefined, undefined],
  ])("one with the number %s is %s by %s", (subEventType, result, method, reason) => {
    const report = reportOf({ subEventType });
    expect([report.result, report.method, report.reason]).toEqual([result, method, reason]);
  });

  it.each([
    ["checkIn", "in"],
    ["breakIn", "in"],
    ["overtimeIn", "in"],
    ["checkOut", "out"],
    ["breakOut", "out"],
    ["overtimeOut", "out"],
    ["checkin", "in"],
    ["CheckOut", "out"],
    ["BREAKOUT", "out"],
    ["undefined", undefined],
  ])("one with the attendance %s goes %s", (attendanceStatus, direction) => {
    const { device, extra } = reportOf({ attendanceStatus });
    expect(device?.direction).toBe(direction);
    const kept = Object(extra?.["AccessControllerEvent"])["attendanceStatus"];
    expect(kept).toBe(direction === undefined ? attendanceStatus : undefined);
  });

  it.each([
    ["2026-11-24T08:01:18+08:00"],
    ["2026-11-24T08:01:18+8:00"],
    ["2026-11-24T08:01:18"],
    ["2026-11-24T00:01:18Z"],
  ])("has the time %s", (dateTime) => {
    expect(reportOf({}, { dateTime }).time).toBe(Date.parse("2026-11-24T00:01:18Z"));
  });

  it("is a backfill if the terminal has kept it", () => {
    expect(reportOf({ currentEvent: false })).toMatchObject({ kind: "backfill", dialect: "hikvision-kept" });
    expect(reportOf({ currentEvent: "false" }).kind).toBe("backfill");
    expect(reportOf({ currentEvent: true })).toMatchObject({ kind: "history", dialect: "hikvision" });
  });

  it("is the same in another try, by another address, and later from memory", () => {
    const first = passingOf(event());
    const others = [
      event({}, { activePostCount: 2, ipAddress: "192.168.1.70" }),
      { ...event(), ...picture },
      event({ currentEvent: false }),
    ];
    for (const other of others) {
      expect(passingOf(other)).toMatchObject({ eventId: first.eventId, fingerprint: first.fingerprint });
    }
  });

  it.each([
    ["number", event({ serialNo: 8 })],
    ["terminal", event({}, { macAddress: "00:11:22:33:44:BB" })],
    ["time, after its numbers began again", event({}, { dateTime: "2026-11-24T08:01:19+08:00" })],
  ])("is another one by its %s", (_, other) => {
    expect(passingOf(other).eventId).not.toBe(passingOf(event()).eventId);
  });

  it("is the same by another form of its time, and without a zone", () => {
    const idOf = (dateTime: string, zone?: string | null) => passingOf(event({}, { dateTime }), zone).eventId;
    const id = idOf("2026-11-24T08:01:18+08:00");
    for (const text of ["2026-11-24T08:01:18+8:00", " 2026-11-24 08:01:18.000+08:00", "2026-11-24T08:01:18"])
      expect([idOf(text), idOf(text, null)]).toEqual([id, id]);
    expect(idOf("never")).toBe(idOf(" never"));
  });

  it("without a number is one by terminal, time and person", () => {
    const unnumbered = (changes: JsonObject, root?: JsonObject) =>
      passingOf(event({ ...changes, serialNo: "" }, root)).eventId;
    expect(unnumbered({ verifyNo: 1 })).toBe(unnumbered({ verifyNo: 2 }, { ipAddress: "192.168.1.70" }));
    expect(unnumbered({ employeeNoString: "00043" })).not.toBe(unnumbered({}));
  });

  it("without a person is of a stranger, two of whom are two by the digest", () => {
    const stranger = (verifyNo: number) => {
      const nameless = { employeeNoString: "", name: "", serialNo: "", subEventType: 76, verifyNo };
      return passingOf({ ...event(nameless), macAddress: null });
    };
    expect(stranger(1).report.person).toEqual({ type: "stranger" });
    expect(stranger(1).eventId).not.toBe(stranger(2).eventId);
  });

  it.each([
    ["normal", "employee"],
    ["visitor", "visitor"],
    ["blackList", "blacklist"],
    ["robot", undefined],
  ])("one of a user who is %s has the type %s", (userType, type) => {
    expect(reportOf({ userType }).person?.type).toBe(type);
  });

  it.each([
    ["normal", "stranger"],
    ["", "stranger"],
    ["visitor", "visitor"],
    ["blackList", "blacklist"],
  ])("without a person, one of a user who is “%s” has the type %s", (userType, type) => {
    expect(reportOf({ employeeNoString: "", name: "", subEventType: 76, userType }).person).toEqual({ type });
  });

  it.each<[JsonObject, string]>([
    [{ subEventType: 1, cardNo: "0012" }, "unknown"],
    [{ subEventType: 38 }, "unknown"],
    [{ subEventType: 75 }, "stranger"],
    [{ subEventType: 9, cardNo: "0012" }, "stranger"],
    [{ subEventType: 38, userType: "visitor" }, "visitor"],
  ])("without a person, one by %o is of the type %s", (changes, type) => {
    const { person, card } = reportOf({ employeeNoString: "", name: "", ...changes });
    expect([person, card]).toEqual([{ type }, changes["cardNo"]]);
  });

  it.each([
    ["yes", "yes", undefined],
    ["no", "no", undefined],
    ["unknown", undefined, "unknown"],
  ])("one with the mask “%s” has the attribute %s", (mask, attribute, kept) => {
    const { attributes, extra } = reportOf({ mask });
    expect([attributes?.mask, Object(extra?.["AccessControllerEvent"])["mask"]]).toEqual([attribute, kept]);
  });

  it("has a result and a method only by a number of access", () => {
    const { result, method } = reportOf({ majorEventType: 1, subEventType: 39 });
    expect([result, method]).toEqual([undefined, undefined]);
    expect(reportOf({ majorEventType: null }).result).toBe("granted");
  });

  it("has temperature, mask and card, and keeps the rest", () => {
    const { card, attributes, extra } = reportOf({ currTemperature: 36.4, mask: "yes", cardNo: "0012", label: "x" });
    expect([card, attributes]).toEqual(["0012", { temperature: 36.4, mask: "yes" }]);
    expect(extra).toEqual({
      eventType: "AccessControllerEvent",
      AccessControllerEvent: { serialNo: 7, label: "x", majorEventType: 5, subEventType: 75 },
    });
  });

  it("is read without its number of a kind, and without its terminal", () => {
    expect(reportOf({ subEventType: null }).result).toBeUndefined();
    const { macAddress: _, ipAddress: __, ...nameless } = event();
    expect(passingOf(nameless).report.device?.id).toBeUndefined();
  });

  it.each<[JsonObject, string]>([
    [{ devIndex: "5C1E-2F-A1" }, "5C1E-2F-A1"],
    [{ devIndex: "" }, "192.168.1.64"],
    [{ ipAddress: "192.168.001.064" }, "192.168.1.64"],
    [{ devIndex: "x", macAddress: "AA:BB" }, "aa:bb"],
  ])("is of the terminal that %o names", (root, id) => {
    expect(reportOf({}, { macAddress: null, ...root }).device?.id).toBe(id);
  });

  it.each(["7", ""])("without a MAC and with the number “%s” is one by its terminal", (serialNo) => {
    const idOf = (root: JsonObject) => passingOf(event({ serialNo }, { macAddress: null, ...root })).eventId;
    const ids = [{ devIndex: "a" }, { devIndex: "b" }, {}, { ipAddress: "192.168.1.65" }].map(idOf);
    expect(new Set(ids).size).toBe(4);
    expect(idOf({ devIndex: "a", ipAddress: "192.168.1.65" })).toBe(ids[0]);
    expect(idOf({ ipAddress: "::ffff:192.168.1.64" })).toBe(ids[2]);
  });

  it("without number, terminal and time is one by its person and digest", () => {
    const lost = (verifyNo: number) => ({ ...event({ serialNo: "", verifyNo }), macAddress: null, dateTime: "" });
    expect(passingOf(lost(1)).eventId).toBe(passingOf(lost(1)).eventId);
    expect(passingOf(lost(1)).eventId).not.toBe(passingOf(lost(2)).eventId);
  });

  it("is read within the root of XML, with the pictures beside it", () => {
    const { pictures } = passingOf({ EventNotificationAlert: event(), ...picture });
    expect([...pictures.keys()]).toEqual(["face"]);
  });
});

describe("another event of Hikvision", () => {
  const typed = (eventType: string, others: JsonObject = {}) => ({ eventType, macAddress: "m", ...others });
  const nobody = { employeeNoString: "", name: "" };

  it.each<[string, JsonObject, string]>([
    ["a heartbeat", typed("heartBeat"), "heartbeat"],
    ["a lost video that is none", typed("videoloss", { eventState: "inactive" }), "heartbeat"],
    ["a lost video", typed("videoloss", { eventState: "active" }), "video-loss"],
    ["a change of users", typed("LocalUserChange"), "user-change"],
    ["a motion", typed("VMD"), "other-sign"],
    ["a heartbeat without a MAC", { eventType: "heartBeat", eventState: "active" }, "heartbeat"],
    ["a door that was opened", event({ ...nobody, subEventType: 21 }), "door"],
    ["a door that was opened, with a picture", { ...event({ ...nobody, subEventType: 22 }), ...picture }, "door"],
    [
      "a network fault with the number of a finger",
      event({ ...nobody, majorEventType: 2, subEventType: 39 }),
      "other-sign",
    ],
    [
      "a fault with a picture",
      { ...event({ ...nobody, majorEventType: 2, subEventType: 39 }), ...picture },
      "other-sign",
    ],
    ["a motion with a picture", typed("VMD", picture), "other-sign"],
    ["a face that a camera sees, with a picture", typed("facedetection", picture), "unknown-shape"],
    ["a face that a camera sees, without a picture", typed("facedetection"), "other-sign"],
    ["a face that a camera compared, without pictures", typed("alarmResult"), "unknown-shape"],
    ["an identity card", typed("IDCardInfoEvent"), "unknown-shape"],
    ["a log entry", event({ ...nobody, majorEventType: 3, subEventType: 80 }), "other-sign"],
    ["a log entry about a person", event({ majorEventType: 3, subEventType: 80 }), "other-sign"],
    ["an event of a number that is not known, about no person", event({ ...nobody, subEventType: 99 }), "other-sign"],
    ["an event about no person, with a picture", { ...event({ ...nobody, subEventType: 99 }), ...picture }, "passing"],
    ["a face of a camera", typed("alarmResult", picture), "unknown-shape"],
  ])("%s is %s", (_, body, sign) => {
    expect(signsIn(body)).toEqual([sign]);
  });
});
