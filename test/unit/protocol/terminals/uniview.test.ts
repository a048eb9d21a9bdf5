import type { Json, JsonObject } from "@gatepost/protocol";
import { terminalValues } from "@gatepost/protocol/terminals";
import { describe, expect, it } from "vitest";
import { jpeg } from "../../../support/pictures.ts";
import { arrival } from "../../../support/reports.ts";
import { meaningsOf, passingOf, readTerminal, signsIn } from "../../../support/terminal-values.ts";

const at = 1795478478;
const match = (changes: JsonObject = {}): JsonObject => ({
  LibType: 3,
  MatchStatus: 1,
  MatchPersonID: "12345678901234567",
  ...changes,
  MatchPersonInfo: {
    PersonCode: "00111",
    PersonName: "住户一",
    IdentityNo: "310",
    ...Object(changes["MatchPersonInfo"]),
  },
});
function event(changes: JsonObject = {}): JsonObject {
  return {
    Seq: 9,
    DeviceCode: "2102",
    Timestamp: at + 1,
    NotificationType: 0,
    FaceInfoList: [{ ID: 9, Timestamp: at, Temperature: 36.5, MaskFlag: 1, FeatureList: [{ Feature: "AAAA" }] }],
    LibMatInfoList: [match()],
    ...changes,
  };
}
const reportOf = (changes?: JsonObject) => passingOf(event(changes)).report;

describe("a person verification of Uniview", () => {
  it.each([
    [1, "granted", undefined],
    [7, "granted", undefined],
    [2, "denied", "face not known"],
    [3, "denied", "not at this time"],
    [11, "denied", "temperature"],
    [99, undefined, undefined],
  ])("one with the status %s is %s", (MatchStatus, result, reason) => {
    const report = reportOf({ LibMatInfoList: [match({ MatchStatus })] });
    expect([report.result, report.reason]).toEqual([result, reason]);
  });

  it("is of the library that let the person pass, else of one with a person", () => {
    const no = (MatchStatus: number, PersonCode: string) =>
      match({ MatchStatus, MatchPersonID: 0, MatchPersonInfo: { PersonCode } });
    const decided = (...LibMatInfoList: JsonObject[]) => {
      const { person, reason } = reportOf({ LibMatInfoList });
      return [person?.id, reason];
    };
    expect(decided(no(21, "9"), no(8, "2"), match())).toEqual(["00111", undefined]);
    expect(decided(no(2, ""), no(21, "9"), no(3, "2"))).toEqual(["2", "not at this time"]);
    expect(decided(no(21, "9"), no(2, ""), no(6, ""))).toEqual([undefined, "face not known"]);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ["code", {}, { id: "00111", name: "住户一", type: "employee" }],
    ["number", { MatchPersonInfo: { PersonCode: "" } }, { id: "12345678901234567", name: "住户一", type: "employee" }],
    [
      "a code with control characters",
      { MatchPersonInfo: { PersonCode: "0\t1\0" } },
      { id: "0\ufffd1", name: "住户一", type: "employee" },
    ],
    [
      "number beside a code of NUL",
      { MatchPersonInfo: { PersonCode: "\0" } },
      { id: "12345678901234567", name: "住户一", type: "employee" },
    ],
    ["nothing", { MatchPersonID: 0, MatchPersonInfo: { PersonCode: "" } }, { type: "stranger" }],
    ["a number of no one", { MatchPersonID: -1, MatchPersonInfo: { PersonCode: "" } }, { type: "stranger" }],
    ["a library of strangers", { LibType: 2 }, { type: "stranger" }],
    ["a library that is not known", { LibType: 9, MatchPersonInfo: { PersonName: "" } }, { id: "00111" }],
  ])("names the person by %s", (_, changes, person) => {
    expect(reportOf({ LibMatInfoList: [match(changes)] }).person).toEqual(person);
  });

  it("has the time of the face, else of the card, else of the report", () => {
    const cards = [{ CardType: 1, CardID: "c", Timestamp: at - 5 }];
    expect(reportOf().time).toBe(at * 1000);
    expect(reportOf({ FaceInfoList: [], CardInfoList: cards }).time).toBe((at - 5) * 1000);
    expect(reportOf({ FaceInfoList: null, CardInfoList: null }).time).toBe((at + 1) * 1000);
  });

  it("has temperature and mask, and a score of no known scale", () => {
    const report = reportOf({ LibMatInfoList: [match({ MatchFaceConfidence: 88 })] });
    expect([report.attributes, report.score]).toEqual([{ temperature: 36.5, mask: "no" }, [88, null]]);
    expect(reportOf({ FaceInfoList: { Temperature: 0, MaskFlag: 0 } }).attributes).toBeUndefined();
  });

  it.each<[string, Json, string | undefined]>([
    ["an access card", [{ CardType: 1, CardID: "c7" }], "c7"],
    ["an identity card", [{ CardType: 0, CardID: "310", IDImage: { Data: "x" }, Name: "陈" }], undefined],
    ["no card", ["none"], undefined],
  ])("one with %s has its number, and no identity", (_, CardInfoList, card) => {
    const report = reportOf({ FaceInfoList: [], CardInfoList });
    expect(report.card).toBe(card);
    expect(JSON.stringify(report)).not.toMatch(/310|IDImage|陈|IdentityNo|Feature/);
  });

  it("is by card if there is no face", () => {
    expect(reportOf({ FaceInfoList: [], CardInfoList: [{ CardType: 1 }] }).method).toBe("card");
    expect(reportOf({ FaceInfoList: ["none"] }).method).toBeUndefined();
  });

  it("is a backfill of the same event if it was kept", () => {
    const kept = passingOf(event({ NotificationType: 1, Timestamp: at + 900, Seq: 12 }));
    expect(kept.report).toMatchObject({ kind: "backfill", dialect: "uniview-kept" });
    expect(kept.eventId).toBe(passingOf(event()).eventId);
  });

  it("has the number of the record tell strangers without pictures apart", () => {
    const stranger = (ID: Json, Seq: Json) =>
      passingOf(event({ Seq, LibMatInfoList: [], FaceInfoList: [{ Timestamp: at, ID }] })).eventId;
    expect(stranger(1, 1)).toBe(stranger(1, 2));
    expect(stranger(1, 1)).not.toBe(stranger(2, 1));
    expect(stranger(null, 1)).not.toBe(stranger(null, 2));
    expect(stranger(null, null)).toBe(stranger(null, null));
  });

  it("is one event of a stranger with empty pictures, sent now and kept", () => {
    const FaceInfoList = [
      { Timestamp: at, ID: 1, FaceImage: { Name: "", Size: 0, Data: "" }, PanoImage: { Data: "" } },
    ];
    const sent = (changes: JsonObject) => passingOf(event({ LibMatInfoList: [], FaceInfoList, ...changes })).eventId;
    expect(sent({ Seq: 30, NotificationType: 1, Timestamp: at + 900 })).toBe(sent({}));
  });

  it("is of a stranger if it has no comparison and no time", () => {
    const { report } = passingOf(event({ LibMatInfoList: null, FaceInfoList: [{ ID: 4 }], Timestamp: null }));
    expect(report.person).toEqual({ type: "stranger" });
    expect(report.time).toBeUndefined();
  });

  it("is known by its lists, with a card that says nothing", () => {
    const { Seq: _, ...unnumbered } = event({ CardInfoList: [{ CardType: 1, CapSrc: null }] });
    expect(passingOf(unnumbered).report.card).toBeUndefined();
  });

  it("has its pictures, which are the same once it is a value", () => {
    const [face, scene] = [jpeg("face").toString("base64"), jpeg("scene").toString("base64")];
    const body = event({ FaceInfoList: [{ FaceImage: { Data: face }, PanoImage: { Data: scene } }] });
    const [value] = terminalValues(body) ?? [];
    expect([...passingOf(body).pictures.keys()]).toEqual(["scene", "face"]);
    expect(terminalValues(value ?? {})).toEqual([value]);
  });
});

describe("another request of Uniview", () => {
  it.each<[string, JsonObject, string]>([
    ["a heartbeat", { DeviceCode: "2", RefId: "1", Time: "2026-11-24 08:05:00" }, "heartbeat"],
    ["a heartbeat of two members", { DeviceCode: "2", Time: "2026-11-24 08:05:00" }, "heartbeat"],
    ["a heartbeat without a number", { DeviceCode: "2", NextTime: "x" }, "heartbeat"],
    ["another notification", { DeviceCode: "2", Seq: 4 }, "other-sign"],
    [
      "a notification of a counter of passings",
      event({ FaceInfoList: [], LibMatInfoList: [], GateInfoList: [{ InPersonCnt: 5, OutPersonCnt: 3 }] }),
      "other-sign",
    ],
    ["an enrolment", event({ LibMatInfoList: [match({ MatchStatus: 21 })] }), "user-change"],
  ])("%s is %s", (_, body, sign) => {
    expect(signsIn(body)).toEqual([sign]);
  });
});

describe("the answer to Uniview", () => {
  const heartbeat = { DeviceCode: "2", RefId: "1", Time: "2026-11-24 08:05:00" };
  const timeIn = (body: JsonObject, zone: string | null, receivedAt: number) => {
    const [value = {}] = terminalValues(body) ?? [];
    const { body: text = "{}" } = readTerminal(value, { ...arrival, zone, receivedAt }).answer ?? {};
    return JSON.parse(text).Data.Time;
  };
  const now = Date.parse("2026-11-24T00:06:30Z");

  it.each([
    ["Asia/Shanghai", "2026-11-24 08:06:30"],
    ["America/Sao_Paulo", "2026-11-23 21:06:30"],
    ["Asia/Kolkata", "2026-11-24 05:36:30"],
    ["Asia/Kathmandu", "2026-11-24 05:51:30"],
    ["America/St_Johns", "2026-11-23 20:36:30"],
    ["UTC", "2026-11-24 00:06:30"],
  ])("to a heartbeat has the time on the clocks of %s", (zone, time) => {
    expect(timeIn(heartbeat, zone, now)).toBe(time);
  });

  it.each([
    ["2026-03-29T00:59:59Z", "2026-03-29 01:59:59"],
    ["2026-03-29T01:00:00Z", "2026-03-29 03:00:00"],
    ["2026-10-25T00:59:59Z", "2026-10-25 02:59:59"],
    ["2026-10-25T01:00:00Z", "2026-10-25 02:00:00"],
  ])("to a heartbeat at %s has the time in Berlin, whose clocks change", (at, time) => {
    expect(timeIn(heartbeat, "Europe/Berlin", Date.parse(at))).toBe(time);
  });

  it("keeps the zone of the terminal's clock if no other is known", () => {
    expect(timeIn(heartbeat, null, now)).toBe("2026-11-24 08:06:30");
  });

  it.each(["1970-01-01 08:00:00", "", "soon"])("has the time of UTC for a clock that shows “%s”", (Time) => {
    expect(timeIn({ ...heartbeat, Time }, null, now)).toBe("2026-11-24 00:06:30");
  });

  it.each<[Json, string]>([
    [77, "77"],
    [0, "0"],
    [4294967295, "4294967295"],
    ["9007199254740993", "9007199254740993"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["77", '"77"'],
    ["007199254740993000", '"007199254740993000"'],
    ["1".repeat(65), "null"],
    [{ a: [1] }, "null"],
  ])("repeats the number %j of a notification as %s", (Seq, repeated) => {
    const [{ answer } = {}] = meaningsOf(event({ Seq }));
    expect(answer?.body).toContain(`"Data":{"RecordID":${repeated},"Time":"`);
    expect(JSON.parse(answer?.body ?? "")).toMatchObject({ Response: { StatusCode: 0, StatusString: "Succeed" } });
  });
});
