import type { Json, JsonObject } from "@gatepost/protocol";
import { terminalValues } from "@gatepost/protocol/terminals";
import { describe, expect, it } from "vitest";
import { jpeg } from "../../../support/pictures.ts";
import { meaningsOf, passingOf, signsIn } from "../../../support/terminal-values.ts";

const data: JsonObject = {
  UserID: "0042",
  CardName: "王二",
  Status: 1,
  ErrorCode: 0,
  Method: 15,
  UTC: 1795478478,
  Type: "Entry",
  UserType: 0,
  SN: "SN1",
  Similarity: 98,
};
const event = (changes: JsonObject = {}, root: JsonObject = {}): JsonObject => ({
  Action: "Pulse",
  Code: "AccessControl",
  Index: 0,
  PhysicalAddress: "00:11:22:AA:bb:cc",
  ...root,
  Data: { ...data, ...changes },
});
const reportOf = (changes?: JsonObject, root?: JsonObject) => passingOf(event(changes, root)).report;

describe("an event of Dahua", () => {
  it.each([
    [{ Status: 1, ErrorCode: 0 }, "granted", undefined],
    [{ Status: 0, ErrorCode: 0 }, "denied", undefined],
    [{ Status: 1, ErrorCode: 16 }, "denied", "error 16"],
    [{ Status: null, ErrorCode: null }, undefined, undefined],
    [{ Status: null, ErrorCode: 0 }, "granted", undefined],
    [{ Status: null, ErrorCode: 1 }, "denied", "error 1"],
  ])("one with %o is %s", (changes, result, reason) => {
    const report = reportOf(changes);
    expect([report.result, report.reason]).toEqual([result, reason]);
  });

  it.each([
    [{ Method: 15 }, "face"],
    [{ Method: 1 }, "card"],
    [{ Method: null, OpenDoorMethod: 6 }, "fingerprint"],
    [{ Method: 14 }, "code"],
    [{ Method: 99 }, undefined],
    [{ Method: null }, undefined],
  ])("one with %o is by %s", (changes, method) => {
    expect(reportOf(changes).method).toBe(method);
  });

  it.each([
    ["_DoorFace_", {}, "face", [98, 100]],
    ["_DoorFace_", { OpenDoorMethod: 3 }, "face", [98, 100]],
    ["DoorFace", { Method: 1, OpenDoorMethod: 15 }, "face", [98, 100]],
    ["AccessControl", { Method: 1 }, "card", undefined],
    ["AccessControl", {}, undefined, undefined],
  ])("one with the code %s and %o is by %s, with the score %o", (Code, changes, method, score) => {
    const report = reportOf({ Method: null, ...changes }, { Code });
    expect([report.method, report.score]).toEqual([method, score]);
  });

  it("keeps a number of a method that is overruled", () => {
    const report = reportOf({ Method: 1, OpenDoorMethod: 15 }, { Code: "_DoorFace_" });
    expect(report.extra?.["Data"]).toEqual({ Method: 1, Status: 1, ErrorCode: 0 });
  });

  it.each([
    [{ RealUTC: 1795478478, UTC: 1795507278 }],
    [{ UTC: 1795478478 }],
    [{ UTC: null, CreateTime: 1795478478 }],
    [{ RealUTC: 0, UTC: 0, CreateTime: 1795478478 }],
    [{ UTC: null, CreateTime: null }],
  ])("has its time by %o", (changes) => {
    expect(reportOf(changes, { Time: "24-11-2026 08:01:18" }).time).toBe(1795478478000);
  });

  it.each([
    ["0", "employee"],
    ["1", "blacklist"],
    ["2", "visitor"],
    ["4", "vip"],
    ["77", undefined],
  ])("one of the type of user %s is about %s", (UserType, type) => {
    expect(reportOf({ UserType }).person?.type).toBe(type);
  });

  it("names no person for a stranger", () => {
    const { person, device, card } = reportOf({ UserID: "", CardName: "", CardNo: "00A1", Type: "Exit" });
    expect(person).toEqual({ type: "stranger" });
    expect([device?.direction, card]).toEqual(["out", "00A1"]);
  });

  it("has strangers told apart by their data, without the picture and its place", () => {
    const idOf = (changes: JsonObject, others: JsonObject = {}) =>
      passingOf({ ...event({ UserID: "", CardName: "", ...changes }, { PhysicalAddress: null }), ...others }).eventId;
    const picture = { terminalPictures: { face: jpeg("face").toString("base64") } };
    expect(idOf({ URL: "/var/tmp/1.jpg" }, picture)).toBe(idOf({}));
    expect(idOf({ Similarity: 4 })).not.toBe(idOf({ Similarity: 5 }));
    expect(idOf({ SN: null, UTC: null })).toBe(idOf({ SN: null, UTC: null }, picture));
  });

  it("keeps the members that it could not read", () => {
    const sent = { Method: 99, OpenDoorMethod: 98, UserType: 77, Type: "Side", UserName: "W", Door: 0 };
    expect(reportOf(sent).extra?.["Data"]).toEqual({ ...sent, Status: 1, ErrorCode: 0 });
  });

  it("is of the serial if it has no MAC", () => {
    const report = reportOf({ Method: 1, UserName: "W", CardName: null }, { PhysicalAddress: null });
    expect([report.device?.id, report.score, report.person?.name]).toEqual(["SN1", undefined, "W"]);
  });

  it("without a way and a type of user has neither", () => {
    const { device, person } = reportOf({ Type: null, UserType: null });
    expect([device?.direction, person?.type]).toEqual([undefined, undefined]);
  });

  it("is the same without its picture, by another index", () => {
    const picture = { terminalPictures: { face: jpeg("face").toString("base64") } };
    const first = passingOf({ ...event(), ...picture });
    expect(passingOf(event({}, { Index: 5 }))).toMatchObject({
      eventId: first.eventId,
      fingerprint: first.fingerprint,
    });
  });
});

describe("a list of events of Dahua", () => {
  it("is one value for each, and the pictures are of the first passing", () => {
    const door = { Code: "DoorStatus", Action: "Pulse", Data: {} };
    const face = jpeg("face").toString("base64");
    const body = { Events: [door, event(), event({ UserID: "43" })], Time: "t", terminalPictures: { face } };
    const pictured = meaningsOf(body).map((one) => ("passing" in one ? [...one.passing.pictures.keys()] : null));
    expect(pictured).toEqual([null, ["face"], []]);
  });

  it("was kept if it has several passings, and no picture", () => {
    const door = { Code: "DoorStatus", Action: "Pulse", Data: {} };
    const kinds = (body: JsonObject) =>
      meaningsOf(body).map((one) => ("passing" in one ? one.passing.report.kind : null));
    expect(kinds({ Events: [event(), door, event({ UserID: "43" })] })).toEqual(["backfill", null, "backfill"]);
    expect(kinds({ Events: [event(), door] })).toEqual(["history", null]);
    const face = jpeg("face").toString("base64");
    expect(kinds({ Events: [event(), event()], terminalPictures: { face } })).toEqual(["history", "history"]);
    const [value = {}] = terminalValues({ Events: [event(), event()] }) ?? [];
    expect(terminalValues(value)).toEqual([value]);
    expect(passingOf(value)).toMatchObject({ eventId: passingOf(event()).eventId, report: { dialect: "dahua-kept" } });
  });

  it("has no passing more, and its pictures, by an event of an unknown code", () => {
    const unknown = { Code: "NewWay", Action: "Pulse", Data: {} };
    const face = jpeg("face").toString("base64");
    expect(
      meaningsOf({ Events: [unknown, event()] }).map((one) => "passing" in one && one.passing.report.kind),
    ).toEqual([false, "history"]);
    const pictured = (body: JsonObject) => terminalValues(body)?.map((value) => "terminalPictures" in value);
    const door = { Code: "DoorStatus", Action: "Pulse", Data: {} };
    expect(pictured({ Events: [door, unknown, event()], terminalPictures: { face } })).toEqual([false, false, true]);
    expect(pictured({ Events: [door, unknown], terminalPictures: { face } })).toEqual([false, true]);
  });

  it("gives each event at most 16 members beside the list, all short", () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`a${index}`, index]));
    const body = { Events: [event()], Time: "t", text: "x".repeat(129), list: [1], of: { a: 1 }, none: null, ...many };
    const [value = {}] = terminalValues(body) ?? [];
    const kept = Object.keys(value).filter((name) => !(name in event()));
    expect(kept).toEqual(["Time", ...Object.keys(many).slice(0, 15)]);
  });

  it.each<[string, JsonObject, string[]]>([
    ["an empty list", { Events: [] }, ["heartbeat"]],
    ["one event in its place", { Events: event(), Time: "t" }, ["passing"]],
    ["signs with a picture", { Events: [{ Code: "DoorStatus", Action: "Pulse" }], terminalPictures: {} }, ["door"]],
    ["a lost video", { Code: "VideoLoss", Action: "Start" }, ["video-loss"]],
    ["a motion", { Code: "VideoMotion", Action: "Start" }, ["other-sign"]],
    ["a code that is not known", { Code: "NewWay", Action: "Pulse", Data: { UserID: "7" } }, ["unknown-shape"]],
    ["a code that each object has", { Code: "constructor", Action: "Pulse" }, ["unknown-shape"]],
    ["a face that is seen", { Code: "FaceDetection", Action: "Start", Data: {} }, ["other-sign"]],
    [
      "a face that is seen, with its picture",
      { Events: [{ Code: "FaceDetection", Action: "Start", Data: {} }], terminalPictures: { face: "x" } },
      ["unknown-shape"],
    ],
    ["a door without an action", { Code: "DoorStatus", Data: {} }, ["door"]],
    ["a person without data", { Code: "AccessControl", Action: "Pulse" }, ["unknown-shape"]],
  ])("%s is %s", (_, body, signs) => {
    expect(signsIn(body)).toEqual(signs);
  });

  it.each<[string, JsonObject]>([
    ["without codes", { Events: [{ identity_id: "1" }] }],
    ["that is none", { Events: "1" }],
    ["in a body with a code alone", { Code: "1" }],
    ["in the answer of a platform", { Code: "200", Data: { Events: [] } }],
  ])("%s is of another sender", (_, body) => {
    expect(meaningsOf(body)).toEqual([]);
  });
});

describe("a comparison of Dahua", () => {
  const person = { UID: "12", ID: "5005", Name: "Ada Brun", Sex: "Female", GroupName: "staff" };
  const recognised = (Candidates: Json, changes: JsonObject = {}): JsonObject => ({
    Action: "Start",
    Code: "FaceRecognition",
    PhysicalAddress: "a0:bd:1d:00:00:10",
    Data: { UTC: 1796008200, Object: { ObjectType: "HumanFace", Age: 34 }, Candidates, ...changes },
  });

  it("is an event of its candidate", () => {
    const { report } = passingOf(recognised([{ Similarity: 87, Person: person }]));
    expect(report).toMatchObject({
      time: 1796008200000,
      method: "face",
      score: [87, 100],
      person: { id: "5005", name: "Ada Brun", group: "staff" },
      device: { id: "a0:bd:1d:00:00:10" },
    });
    expect([report.result, report.person?.type]).toEqual([undefined, undefined]);
  });

  it.each<[string, Json, (string | undefined)[]]>([
    [
      "the one most alike",
      [
        { Similarity: 60, Person: { ID: "1" } },
        { Similarity: 90, Person: { ID: "2" } },
      ],
      ["2"],
    ],
    ["one without a list", { Person: { UID: "12", Name: "Ada" } }, ["12", "Ada"]],
    ["one with a name alone", [{ Person: { Name: "Ada" } }], [undefined, "Ada"]],
  ])("is of %s", (_, candidates, [id, name]) => {
    const { person: read, score } = passingOf(recognised(candidates)).report;
    expect([read?.id, read?.name]).toEqual([id, name]);
    expect(score?.[0]).toBe(id === "2" ? 90 : undefined);
  });

  it.each([
    ["FaceRecognition", "face"],
    ["CitizenPictureCompare", "face"],
    ["FaceComparision", "face"],
    ["FingerPrintCheck", "fingerprint"],
  ])("is by its code %s, also without an action and in a list: %s", (Code, method) => {
    const one = { Code, Data: { UserID: "0042", UTC: 1796008200 } };
    for (const body of [one, { ...one, Action: "Pulse" }, { Events: [one] }, { Events: one }]) {
      const { report } = passingOf(body);
      expect([report.person?.id, report.method, report.time]).toEqual(["0042", method, 1796008200000]);
    }
  });

  it("may have its time beside the list alone, in two ways", () => {
    const one = { Code: "FaceComparision", Action: "Pulse", Data: { UserID: "7" } };
    const times = ["11:10:00 30-11-2026", "30-11-2026 11:10:00"].map(
      (Time) => passingOf({ Events: [one], Time }).report.time,
    );
    expect(times).toEqual([Date.parse("2026-11-30T11:10:00+08:00"), Date.parse("2026-11-30T11:10:00+08:00")]);
  });

  it.each<[string, JsonObject]>([
    ["no candidate", recognised([])],
    ["no candidates", recognised(null)],
    ["a candidate without a name", recognised([{ Similarity: 9, Person: { Sex: "Male" } }])],
    ["no time", recognised([{ Person: person }], { UTC: null })],
    ["no time that can be read", { ...recognised([{ Person: person }], { UTC: 0 }), Time: "noon" }],
    ["members that cannot be read", recognised([{ Person: person }], { UserID: { a: 1 } })],
    ["no data", { Code: "FingerPrintCheck", Action: "Pulse" }],
  ])("is kept if it has %s", (_, body) => {
    expect(signsIn(body)).toEqual(["unknown-shape"]);
  });
});

describe("a door of Dahua that opened without a person", () => {
  const nobody = { UserID: "", CardName: null, Similarity: null };
  const picture = { terminalPictures: { face: jpeg("face").toString("base64") } };

  it.each<[string, JsonObject]>([
    ["from afar", { Method: 4 }],
    ["by the button", { Method: null, OpenDoorMethod: 5 }],
    ["by a button that was refused", { Method: 5, Status: 0, ErrorCode: 16 }],
    ["in no way that is said", { Method: null }],
  ])("%s is a sign of its door", (_, changes) => {
    expect(signsIn(event({ ...nobody, ...changes }))).toEqual(["door"]);
    expect(signsIn({ Events: [event({ ...nobody, ...changes })] })).toEqual(["door"]);
  });

  it.each<[string, JsonObject, JsonObject, string | undefined]>([
    ["from afar by a person", { Method: 4, UserID: "7" }, {}, undefined],
    ["by a card without a person", { Method: 1, CardNo: "9A3F11C2" }, {}, "unknown"],
    ["by a finger without a person", { Method: 6 }, {}, "unknown"],
    ["from afar, with a picture", { Method: 4 }, picture, "unknown"],
    ["to a face that it does not know", { Method: 15 }, {}, "stranger"],
    ["to nobody, by a card that it does not know", { Method: 1, CardNo: "1", Status: 0 }, {}, "stranger"],
    ["to nobody, and says no way", { Method: null, Status: 0 }, {}, "stranger"],
    ["to nobody, by an error alone", { Method: null, ErrorCode: 16 }, {}, "stranger"],
  ])("%s is an event", (_, changes, others, type) => {
    const { report } = passingOf({ ...event({ ...nobody, UserType: null, ...changes }), ...others });
    expect([report.person?.type, report.card]).toEqual([type, changes["CardNo"]]);
  });

  it("gives its picture to a passing beside it", () => {
    const body = { Events: [event({ ...nobody, Method: 5 }), event()], ...picture };
    expect(signsIn(body)).toEqual(["door", "passing"]);
    expect(meaningsOf(body).flatMap((one) => ("passing" in one ? [...one.passing.pictures.keys()] : []))).toEqual([
      "face",
    ]);
  });
});
