import { interpret, type JsonObject, senderOf } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture, fixtures, routeOf } from "../../support/fixtures.ts";
import { arrival, history, omitMember, passRecord, realtime } from "../../support/reports.ts";

/** The dialect a body is read as, the kind of notice it is, or why it is neither. */
function recognised(body: JsonObject, route = ""): string {
  const interpretation = interpret(body, { ...arrival, route });
  if ("passing" in interpretation) return interpretation.passing.report.dialect;
  return "boxStatus" in interpretation ? interpretation.boxStatus.kind : interpretation.unreadable;
}

const { ext_data: passing = {}, ...person } = realtime();

describe("a body of the documents", () => {
  it.each(fixtures())("%s, %s, is known on its path", (dialect, name) => {
    expect(recognised(fixture(dialect, name), routeOf(dialect))).toBe(dialect);
  });
});

describe("a shape", () => {
  it.each<[string, JsonObject, string]>([
    ["a method", { method: "fiqa" }, "mq-result"],
    ["messageKey and success", { messageKey: "x", success: true }, "mq-result"],
    ["messageKey and result", { messageKey: "x", result: {} }, "mq-result"],
    ["message_key and success", { message_key: "x", success: true }, "mq-result"],
    ["message_key and result", { message_key: "x", result: true }, "mq-result"],
    ["gateway_sn", { gateway_sn: "1" }, "status"],
    ["gateway_status", { gateway_status: "1" }, "status"],
    ["gateway_ext_data", { gateway_ext_data: {} }, "status"],
    ["dev_sno and sub_devices", { dev_sno: "", sub_devices: [] }, "device-status"],
    ["dev_sno and media_devices", { dev_sno: "", media_devices: [] }, "device-status"],
    ["mq_license_key and sub_devices", { mq_license_key: "", sub_devices: [] }, "device-status"],
    ["devSno and deviceList", { devSno: "", deviceList: [] }, "device-sync"],
    ["cameraInfo", { cameraInfo: [] }, "platform-device-status"],
    ["deviceStatus", { deviceStatus: 0 }, "platform-device-status"],
    ["userType and crossTime", { userType: "VIP", crossTime: 1 }, "platform-a"],
    ["userType and matchScore", { userType: "VIP", matchScore: 1 }, "platform-a"],
    ["crossTime and matchScore", { crossTime: 1, matchScore: 1 }, "platform-a"],
    ["common and _id", { _id: "1", common: {} }, "stored-v5"],
    ["recognize_face_image_id", { recognize_face_image_id: "1" }, "stored-v6"],
    ["spot_image_id", { spot_image_id: "1" }, "stored-v6"],
    ["post_action", { ...realtime(), post_action: "0" }, "history-v6"],
    ["media_device_info", { ...realtime(), media_device_info: {} }, "history-v6"],
    ["mq_license_key", { ...realtime(), mq_license_key: "" }, "history-v6"],
    ["media_device_id", { ...realtime(), media_device_id: "" }, "ws-v6"],
    ["register_image", { ...realtime(), register_image: "" }, "ws-v6"],
    ["recognize_face_image", { ...realtime(), recognize_face_image: "" }, "ws-v6"],
    ["ep_info", { ...realtime(), ep_info: {} }, "history-flat"],
    ["a type and a scene at the root", { person_type: 4, spot_pic: "" }, "history-flat"],
    ["a type and a face at the root", { person_type: 4, recognize_face: "" }, "history-flat"],
    ["a type and a leaving at the root", { person_type: 4, out_timestamp: 1 }, "history-flat"],
    ["want_action beside ext_data", omitMember("identity_id", history()), "history-nested"],
    ["want_action and a device", passRecord({ want_action: "0" }), "history-nested"],
    ["dev_sno in ext_data", realtime({}, { dev_sno: "" }), "history-nested"],
    ["ep_id in ext_data", realtime({}, { ep_id: "" }), "history-nested"],
    ["a device and video_id", passRecord({ video_id: "" }), "ws-v5"],
    ["a device and event_id", passRecord({ event_id: "" }), "ws-v5"],
    ["a device", { device_id: "", ext_data: {} }, "platform-b"],
    ["a registered person's info", { ...person, identity_info: {}, ext_data: passing }, "platform-b"],
    ["an id and a time alone", { identity_id: "1", timestamp: 1 }, "root-facts"],
    ["a number for an id and a time", { identity_id: 1, timestamp: "1" }, "root-facts"],
    ["an ext_data that is a text", { ...person, ext_data: "{}" }, "root-facts"],
    ["a list for ext_data", { ...person, want_action: "0", device_id: "1", ext_data: [] }, "root-facts"],
    ["an id beside ext_data", { identity_id: "", ext_data: {} }, "se3-realtime"],
  ])("is recognized with %s", (_, body, dialect) => {
    expect(recognised(body)).toBe(dialect);
  });

  it.each<[string, JsonObject]>([
    ["nothing", {}],
    ["an id alone", { identity_id: "1" }],
    ["an id and a time that is none", { identity_id: "1", timestamp: "soon" }],
    ["an empty id and a time", { identity_id: "", timestamp: 1 }],
    ["an id that is a list and a time", { identity_id: ["1"], timestamp: 1 }],
    ["ext_data alone", { ext_data: {} }],
    ["one word of platform A", { crossTime: 1 }],
    ["devSno alone", { devSno: "" }],
    ["an _id beside a common text", { _id: "1", common: "x" }],
    ["a message key alone", { messageKey: "x" }],
    ["dev_sno alone", { dev_sno: "x" }],
    ["a type at the root alone", { person_type: 4 }],
    ["inherited names alone", JSON.parse('{"__proto__":{"method":"x","ext_data":{},"identity_id":"1"}}')],
  ])("is unknown with %s", (_, body) => {
    expect(recognised(body, "HistoryEvent")).toBe("unknown-shape");
  });

  it("is unchanged by members of a device's status", () => {
    expect(recognised({ ...history(), dev_sno: "", sub_devices: [] })).toBe("history-nested");
  });
});

describe("the shape of an SE3 report without the ids of its box", () => {
  const ofHistory = ["HistoryEvent", "AsyncEvent", "SophonFogHistoryEvent", "report"];
  const others = ["RealTimeEvent", "SophonFogRelEvent", "PassRecord", "LiveEvent", "x", ""];
  const withFace = [realtime({}, { recognize_face: "x" }), realtime({ recognize_face: "x" })];

  it.each([...ofHistory, ...others])("is real-time on the path %j", (route) => {
    expect(recognised(realtime(), route)).toBe("se3-realtime");
  });

  it.each(ofHistory)("is history with a face on the path %j", (route) => {
    for (const body of withFace) expect(recognised(body, route)).toBe("history-nested");
  });

  it.each(others)("is real-time with a face on the path %j", (route) => {
    for (const body of withFace) expect(recognised(body, route)).toBe("se3-realtime");
  });

  it.each(["", null, " ", "data:image/jpeg;base64,"])("is real-time if its face is %j", (face) => {
    expect(recognised(realtime({}, { recognize_face: face }))).toBe("se3-realtime");
  });

  it("is a pass record if it names its device, also with a face", () => {
    expect(recognised(passRecord({}, { recognize_face: "x" }))).toBe("platform-b");
  });
});

describe("the path", () => {
  it.each([
    ["LiveEvent", "ws-v5"],
    ["PassRecord", "platform-b"],
    ["HistoryEvent", "platform-b"],
    ["", "platform-b"],
  ])("%j separates a live event from a pass record", (route, dialect) => {
    expect(recognised(passRecord(), route)).toBe(dialect);
  });

  it("has priority for pass records, even if a video is named", () => {
    expect(recognised(passRecord({ video_id: "v" }), "PassRecord")).toBe("platform-b");
  });

  it.each(["RealTimeEvent", "PassRecord", "LiveEvent", "HistoryEvent", "x"])(
    "%j does not change the dialect of a history report",
    (route) => {
      expect(recognised(history(), route)).toBe("history-nested");
    },
  );
});

describe("the sender of a dialect", () => {
  it("is the platform for a pass record", () => {
    expect(senderOf("platform-b")).toEqual({ model: "sophonsight", via: "platform" });
  });

  it("is unknown for a report whose shape is unknown, and without a dialect", () => {
    expect([senderOf("root-facts"), senderOf(null)]).toEqual([{}, {}]);
  });
});
