import type { JsonObject } from "@gatepost/protocol";
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
    ["a code that each object has", { Code: "constructor", Action: "Pulse" }, ["other-sign"]],
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
