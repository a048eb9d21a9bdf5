import type { JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { jpeg, sha256 } from "../../../support/pictures.ts";
import { received, understood } from "../../../support/reports.ts";

const read = (dialect: string, name: string) => understood(fixture(dialect, name)).report;
const facts = (seed: string) => ({
  sha256: sha256(jpeg(seed)),
  bytes: jpeg(seed).length,
  contentType: "image/jpeg" as const,
});
const pictures = {
  registered: facts("registered"),
  scene: facts("scene"),
  face: facts("face"),
  infrared: facts("infrared"),
};
const attributes = { age: "youth", gender: "female", glasses: "no", faceBox: [152, 64, 301, 240] };
const id = "23c7232b-0b35-4813-be6b-6ec4ee21ac4f";
const person = { id: "888001", name: "王芳", type: "employee" };
const device = { id, ip: "192.168.1.60", name: "north gate" };
const endpoint = "0xe0a50900062b__192.168.1.60";
const serial = "ZKZCPI000120190807142601";
const times = { time: 1602612036382, leftAt: 1602612037900 };
const attrOf = (body: JsonObject, ...left: string[]) =>
  Object.fromEntries(left.map((name) => [name, Object(body["recognize_face_attr"])[name]]));

describe("a complete report", () => {
  it("is read completely from flat history", () => {
    expect(read("history-flat", "complete")).toEqual({
      kind: "history",
      dialect: "history-flat",
      receivedAt: received,
      ...times,
      serial,
      device: { ...device, type: "photo", endpoint },
      person: { ...person, info: { face_ids: ["f1"], image_id: "5282249a-044d-43a2-9a97-0e4fee3832f5" } },
      score: [94.8, 100],
      wantAction: "0",
      attributes,
      pictures,
      extra: {
        api_version: "1.0",
        recognize_face_attr: attrOf(fixture("history-flat", "complete"), "point", "mask", "hat", "expression"),
      },
    });
  });

  it("is read completely from V6 history", () => {
    expect(read("history-v6", "complete")).toEqual({
      kind: "history",
      dialect: "history-v6",
      receivedAt: received,
      ...times,
      enteredAt: 1602612036000,
      serial,
      device: { ...device, type: "rtsp" },
      person,
      score: [94.8, 100],
      wantAction: "0",
      attributes,
      pictures,
      extra: {
        api_version: "2.0",
        media_device_info: { media_device_url: "rtsp://192.168.1.60:8554/ch1" },
        recognize_face_attr: attrOf(fixture("history-v6", "complete"), "point", "mask", "hat", "expression"),
      },
    });
  });

  it("is read completely from V6's WebSocket, with a score of unknown scale", () => {
    expect(read("ws-v6", "complete")).toEqual({
      kind: "live",
      dialect: "ws-v6",
      receivedAt: received,
      time: 1602612036382,
      device: { id, ip: "192.168.1.60", type: "rtsp" },
      person,
      score: [82.05, null],
      attributes,
      pictures: { registered: facts("registered"), face: facts("face") },
      extra: {
        event_id: "1602612036382000",
        recognize_face_attr: attrOf(fixture("ws-v6", "complete"), "point", "mask", "hat", "expression"),
      },
    });
  });

  it("is read completely from a platform of generation A", () => {
    expect(read("platform-a", "complete")).toEqual({
      kind: "pass-record",
      dialect: "platform-a",
      receivedAt: received,
      time: 1571890954932,
      serial: "AKOPKKKKK",
      device: { id: "epid001", ip: "192.168.1.60", type: "turnstile" },
      person,
      score: [0.87, 1],
      pictures: { registered: facts("registered"), scene: facts("scene"), face: facts("face") },
      extra: { photoId: "946f61b94a7b48519b706e126ed28623.jpg", userPhotoId: "u.jpg", crossFaceId: "f.jpg" },
    });
  });

  it("is read completely from a stored V5 event, with its seconds as ms", () => {
    const { common, _id, gate_data, grab_data } = fixture("stored-v5", "complete");
    const { extra, ...report } = read("stored-v5", "complete");
    expect(report).toEqual({
      kind: "backfill",
      dialect: "stored-v5",
      receivedAt: received,
      ...times,
      enteredAt: 1602612036100,
      time: 1602612036382,
      device: { ...device, type: "photo", endpoint },
      person: { ...person, group: "staff", info: Object(common)["identity_info"] },
      score: [94.8, 100],
      wantAction: "0",
      attributes,
    });
    expect(extra).toMatchObject({ _id, gate_data, grab_data, video_data: { track_id: 7, pose_score: 0.8 } });
    expect(extra).toMatchObject({ common: { is_send: 1, card_id: "", spot_pic_id: expect.any(String) } });
  });

  it("is read completely from a stored V6 event", () => {
    const { extra, ...report } = read("stored-v6", "complete");
    expect(report).toEqual({
      kind: "backfill",
      dialect: "stored-v6",
      receivedAt: received,
      ...times,
      enteredAt: 1602612036100,
      device: { ...device, type: "rtsp" },
      person,
      score: [94.8, 100],
      wantAction: "0",
      attributes,
    });
    expect(extra).toMatchObject({ event_id: "1602612036382853", is_send: 1, ext_data: { ir_image_id: "i1" } });
  });
});

describe("a report as printed", () => {
  it.each([
    [
      "history-flat",
      {
        person: { id: "1602612036.3828533", name: "stranger", type: "stranger" },
        device: { endpoint: expect.stringMatching(/^0xe0a509261422__/) },
      },
    ],
    ["history-v6", { person: { id: "01200002", name: "小明", type: "employee" }, serial: "NAAXWN000120210813164813" }],
    ["ws-v6", { person: { id: "666666", name: "小明" }, device: { ip: "192.168.1.243", type: "rtsp" } }],
    ["platform-a", { person: { id: "200005", name: "hlq14", type: "vip" }, serial: "sn_hlq" }],
    ["stored-v5", { person: { type: "stranger" }, device: { ip: "192.168.1.96", type: "photo" }, time: 1607062639701 }],
    ["stored-v6", { person: { type: "stranger" }, enteredAt: 1628066406608, time: 1628066406608 }],
  ])("is read from %s", (dialect, expected) => {
    expect(read(dialect, "printed")).toMatchObject(expected);
  });
});
