import { describe, expect, it } from "vitest";
import { fixture, routeOf } from "../../../support/fixtures.ts";
import { jpeg, sha256 } from "../../../support/pictures.ts";
import { understood } from "../../../support/reports.ts";

const read = (dialect: string, name: string) => understood(fixture(dialect, name), { route: routeOf(dialect) });
const facts = (seed: string) => ({
  sha256: sha256(jpeg(seed)),
  bytes: jpeg(seed).length,
  contentType: "image/jpeg" as const,
});

const complete = {
  receivedAt: expect.any(Number),
  time: 1571890954932,
  score: [0.87, 1],
  pictures: { registered: facts("registered"), scene: facts("scene"), face: facts("face") },
};
const quality = {
  registrable: true,
  box: expect.objectContaining({ fiqa_result: true, fails: [] }),
  grab: expect.objectContaining({ confidence: 90, rect: { top: 420, bottom: 524, right: 1734, left: 1652 } }),
};
const person = { id: "888001", name: "王芳", type: "employee", group: "staff" };

describe("a complete report", () => {
  it("is read completely from SE3 real-time", () => {
    expect(read("se3-realtime", "complete").report).toEqual({
      ...complete,
      pictures: { registered: facts("registered"), scene: facts("scene") },
      kind: "realtime",
      dialect: "se3-realtime",
      device: { ip: "192.168.1.60", type: "capture" },
      person,
      quality,
    });
  });

  it("is read completely from nested history", () => {
    expect(read("history-nested", "complete").report).toEqual({
      ...complete,
      kind: "history",
      dialect: "history-nested",
      serial: "ZKZCPI000120190807142601",
      device: { ip: "192.168.1.60", type: "capture", endpoint: "ZKZCPI000120190807142601__192.168.1.60" },
      person,
      quality,
      wantAction: "0",
    });
  });

  it("is read completely from a platform", () => {
    expect(read("platform-b", "complete").report).toEqual({
      ...complete,
      kind: "pass-record",
      dialect: "platform-b",
      device: { id: "23c7232b-0b35-4813-be6b-6ec4ee21ac4f", ip: "192.168.1.60", type: "access-control" },
      person: { ...person, info: fixture("platform-b", "complete")["identity_info"] },
      quality,
    });
  });

  it("is read completely from an SE5, including ids that no field table lists", () => {
    expect(read("ws-v5", "complete").report).toEqual({
      ...complete,
      kind: "live",
      dialect: "ws-v5",
      device: { id: "04f98265-1fad-47e5-9dda-66e191272055", ip: "192.168.1.60", type: "capture" },
      person: { ...person, info: fixture("ws-v5", "complete")["identity_info"] },
      quality,
      extra: { video_id: "04f98265-1fad-47e5-9dda-66e191272055", event_id: "1594111791000001" },
    });
  });

  it("contains the infrared picture and the attributes from asynchronous history", () => {
    const { report } = read("history-nested", "async-with-info");
    expect(report.attributes).toEqual({ age: "youth", gender: "female", glasses: "yes", faceBox: [152, 64, 301, 240] });
    expect(Object.keys(report.pictures ?? {}).sort()).toEqual(["face", "infrared", "scene"]);
    expect(report.pictures?.infrared).toEqual(facts("infrared"));
  });
});

describe("a minimal report", () => {
  it.each([
    ["se3-realtime", {}, {}],
    [
      "history-nested",
      { endpoint: "ZKZCPI000120190807142601__192.168.1.60" },
      { wantAction: "0", serial: "ZKZCPI000120190807142601" },
    ],
    ["platform-b", { id: "23c7232b-0b35-4813-be6b-6ec4ee21ac4f" }, {}],
    ["ws-v5", { id: "04f98265-1fad-47e5-9dda-66e191272055" }, {}],
  ] as const)("contains only its own facts: %s", (dialect, device, more) => {
    expect(read(dialect, "minimal").report).toEqual({
      kind: expect.any(String),
      dialect,
      receivedAt: expect.any(Number),
      time: 1571890954932,
      score: [0.87, 1],
      person,
      device: { ip: "192.168.1.60", type: "turnstile", ...device },
      ...more,
    });
  });
});

describe("a report as printed", () => {
  it("has no pictures if real-time sends empty ones", () => {
    expect(read("se3-realtime", "printed").report).toEqual({
      kind: "realtime",
      dialect: "se3-realtime",
      receivedAt: expect.any(Number),
      time: 1566016554020,
      score: [0.6231614351272583, 1],
      device: { ip: "192.168.1.243", type: "turnstile" },
      person: { id: "666666", name: "小明", type: "vip", group: "default_group" },
    });
  });

  it("has no ep_id and no dev_sno from history", () => {
    const { report } = read("history-nested", "printed");
    expect(report.device).toEqual({ ip: "192.168.1.151", type: "capture" });
    expect(report.serial).toBeUndefined();
  });

  it("has no face box if asynchronous history sends an empty one", () => {
    expect(read("history-nested", "async-printed").report.attributes).toEqual({
      age: "child",
      gender: "male",
      glasses: "no",
    });
  });

  it("is a person by its type, even if the name says stranger", () => {
    expect(read("history-nested", "printed").report.person).toMatchObject({ name: "stranger", type: "employee" });
  });

  it("uses a platform's root before the info of the registration", () => {
    expect(read("platform-b", "printed").report.person).toMatchObject({ id: "666666", type: "vip", name: "小明" });
  });
});
