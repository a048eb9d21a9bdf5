import { interpret, type JsonObject, merge, type StoredEvent } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { isWanted, readConfiguration } from "../../../../packages/core/src/live/configuration.ts";
import { picturesIn, render } from "../../../../packages/core/src/live/rendering.ts";
import { fixture } from "../../../support/fixtures.ts";
import { history, noon, omitMember, passRecord, received } from "../../../support/reports.ts";

/** The event of one report. */
function stored(body: JsonObject, route = "LiveEvent"): StoredEvent {
  const understood = interpret(body, { box: "gate-1", route, receivedAt: received, keepFeatures: false });
  if (!("passing" in understood)) throw new Error("not understood");
  const { report, eventId } = understood.passing;
  return { id: eventId, box: "gate-1", isSecondFace: false, reports: [report], actions: [] };
}

function configured(sent: object) {
  const read = readConfiguration(JSON.stringify(sent));
  if (read === null) throw new Error("this is no configuration");
  return read;
}

const shown = (body: JsonObject, sent: object, pictures = {}) =>
  render(merge(stored(body)), configured(sent), pictures);

describe("V5's form", () => {
  it("V5's form equals an SE5's message and the documents' example", () => {
    const sent = fixture("ws-v5", "printed");
    const { ext_data, ...root } = shown(sent, { event_list: ["*"], need_face: true }, { face: "f", scene: "s" });
    const device = "04f98265-1fad-47e5-9dda-66e191272055";
    const { ext_data: sentExt, ...sentRoot } = sent;
    expect(root).toEqual({ ...sentRoot, reg_pic: "", event_id: stored(sent).id, video_id: device });
    expect(ext_data).toMatchObject({ ...(sentExt as object), spot_pic: "s", recognize_face: "f" });
  });

  it("the sent video_id is kept, and unknown values have every key", () => {
    expect(shown({ ...fixture("ws-v5", "printed"), video_id: "v-1" }, {})).toMatchObject({ video_id: "v-1" });
    const bare = shown({ identity_id: "", timestamp: noon, ext_data: {}, device_id: "" }, {});
    expect(bare).toMatchObject({
      identity_id: "",
      identity_name: "",
      identity_info: {},
      group_name: "",
      device_id: "",
      video_id: "",
      score: 0,
      reg_pic: "",
      ext_data: { device_ip: "", device_type: "", person_type: 1, spot_pic: "", recognize_face: "" },
    });
  });

  it.each([
    [1, 1],
    [4, 4],
    [5, 5],
    [9, 9],
    ["odd", 0],
    [[1], 0],
  ])("person type %s is given as %s", (sent, said) => {
    expect(shown(passRecord({}, { person_type: sent }), {})).toMatchObject({ ext_data: { person_type: said } });
  });

  it.each(["0", "1", "2", "3", "4", "rtsp"])("a device type of %s is given as received", (type) => {
    expect(shown(passRecord({}, { device_type: type }), {})).toMatchObject({ ext_data: { device_type: type } });
  });
});

describe("V6's form", () => {
  const v6 = { media_device_ids: ["*"], with_face_image: true, with_register_image: true };

  it.each([
    [0.57, 57],
    [0.29, 29],
    [0.9999999, 99.99999],
  ])("a score of %d is given as %d of 100", (score, of100) => {
    expect(shown({ ...fixture("ws-v5", "printed"), score }, v6)).toMatchObject({ score: of100 });
  });

  it("V6's form is flat, scores up to 100, and has pictures as data URIs", () => {
    const sent = shown(fixture("ws-v5", "printed"), v6, { face: "Zg==", registered: "cg==" });
    expect(sent).toEqual({
      event_id: stored(fixture("ws-v5", "printed")).id,
      timestamp: 1_566_016_554_020,
      identity_id: "666666",
      identity_name: "小明",
      user_type: "vip",
      score: expect.closeTo(62.316, 3),
      media_device_ip: "192.168.1.243",
      media_device_id: "04f98265-1fad-47e5-9dda-66e191272055",
      media_device_type: "photo",
      register_image: "data:image/jpeg;base64,cg==",
      recognize_face_image: "data:image/jpeg;base64,Zg==",
      recognize_face_attr: { age: null, gender: null, glasses: null, box: [] },
    });
  });

  it("pictures that were not requested are left out", () => {
    expect(shown(passRecord(), { media_device_ids: ["*"] })).toMatchObject({
      register_image: "",
      recognize_face_image: "",
    });
    expect(picturesIn(configured(v6))).toEqual(["face", "registered"]);
    expect(picturesIn(configured({ need_face: true }))).toEqual(["face", "scene"]);
    expect(picturesIn(configured({ need_register: true }))).toEqual(["registered"]);
    expect(picturesIn(configured({}))).toEqual([]);
  });

  it.each([
    ["2", "rtsp"],
    ["3", "rtsp"],
    ["4", "photo"],
    ["gb28181", "gb28181"],
    ["what", ""],
  ])("device type %s is given as %s", (type, word) => {
    expect(shown(passRecord({}, { device_type: type }), v6)).toMatchObject({ media_device_type: word });
  });

  it("an unknown person type is given as it was sent", () => {
    expect(shown(passRecord({}, { person_type: "car" }), v6)).toMatchObject({ user_type: "car" });
    expect(shown(passRecord({}, { person_type: 2 }), v6)).toMatchObject({ user_type: "visitor" });
    expect(shown(passRecord({ user_type: "vip" }, { person_type: "car" }), v6)).toMatchObject({ user_type: "car" });
    expect(shown(passRecord({}, { person_type: ["vip"] }), v6)).toMatchObject({ user_type: "unknown" });
  });
});

describe("a device", () => {
  const isFor = (body: JsonObject, device: string) =>
    isWanted(merge(stored(body)), configured({ event_list: [device] }));

  it("a device is named by its id, else its ep_id, else its address", () => {
    const whole = history({ device_id: "cam-1" });
    expect([isFor(whole, "cam-1"), isFor(whole, "192.168.1.60")]).toEqual([true, false]);
    expect([isFor(history(), "SNO1__192.168.1.60"), isFor(history(), "192.168.1.60")]).toEqual([true, false]);
    expect(isFor(omitMember("want_action", passRecord({ device_id: "" })), "192.168.1.60")).toBe(true);
  });
});
