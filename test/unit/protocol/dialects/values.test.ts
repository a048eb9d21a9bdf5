import { describe, expect, it } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { jpeg, photo, sha256 } from "../../../support/pictures.ts";
import { received, understood } from "../../../support/reports.ts";

const read = (dialect: string, name: string) => understood(fixture(dialect, name)).report;
const facts = (seed: string) => ({
  sha256: sha256(jpeg(seed)),
  bytes: jpeg(seed).length,
  contentType: "image/jpeg" as const,
});
const id = "23c7232b-0b35-4813-be6b-6ec4ee21ac4f";

describe("a person", () => {
  it("has no type without one, and readers see an employee", () => {
    expect(read("ws-v6", "printed").person).not.toHaveProperty("type");
    expect(read("stored-v5", "minimal").person).not.toHaveProperty("type");
  });

  it("has an unknown type if it is a car", () => {
    expect(read("stored-v6", "car")).toMatchObject({ person: { type: "unknown" }, extra: { user_type: "car" } });
  });

  it.each([
    ["MEMBER", "employee"],
    ["VISITOR", "visitor"],
    ["BLACKLIST", "blacklist"],
    ["STRANGER", "stranger"],
    ["VIP", "vip"],
  ])("called %s by a platform is a %s", (userType, type) => {
    const { report } = understood({ ...fixture("platform-a", "minimal"), userType });
    expect(report.person?.type).toBe(type);
  });
});

describe("wrong types", () => {
  it.each([
    ["history-flat", ["dev_sno", "ep_info.ep_name", "identity_info", "recognize_face_attr.box"]],
    ["history-v6", ["media_device_info.media_device_ip", "mq_license_key", "recognize_face_attr"]],
    ["ws-v6", ["media_device_ip", "recognize_face_attr"]],
    ["platform-a", ["cameraIp", "matchScore", "userType"]],
    ["stored-v5", ["common.ep_info", "common.identity_name", "common.recognize_face_attr.box", "video_data"]],
    ["stored-v6", ["media_device_info", "recognize_face_attr"]],
    ["root-facts", ["device_id", "ext_data", "identity_name", "score"]],
  ])("are flagged one by one in %s, and the rest is read", (dialect, fields) => {
    const { flags = [], person } = read(dialect, "wrong-types");
    const unreadable = flags.filter((flag) => flag.startsWith("field-")).map((flag) => flag.split(":")[1]);
    expect(unreadable.sort()).toEqual(fields);
    expect(person?.id).toBe("888002");
  });
});

describe("an entering or leaving time that cannot be shown", () => {
  it("stays in extra, and is no fact", () => {
    const report = read("stored-v6", "wrong-types");
    expect(report.extra).toMatchObject({ ext_data: { in_timestamp: {}, out_timestamp: 12 } });
    expect(report).not.toHaveProperty("enteredAt");
    expect(report).not.toHaveProperty("leftAt");
  });

  it("is more than a day ahead", () => {
    const { report } = understood({ ...fixture("history-flat", "minimal"), out_timestamp: 99_999_999_999_999 });
    expect(report.extra).toEqual({ out_timestamp: 99_999_999_999_999 });
    expect(report).not.toHaveProperty("leftAt");
  });
});

describe("the names of V6", () => {
  const body = () => fixture("ws-v6", "minimal");

  it.each(["reg_image", "register_image", "reg_pic"])("include the registered picture as %s", (name) => {
    expect(understood({ ...body(), [name]: photo("r") }).report.pictures).toEqual({ registered: facts("r") });
  });

  it("keep both devices if they disagree", () => {
    const { report } = understood({ ...body(), media_device_info: { media_device_id: "another" } });
    expect(report.device?.id).toBe("another");
    expect(report.extra).toMatchObject({ media_device_id: id });
  });

  it("use the device in its info before the root, and keep an unknown type", () => {
    const { report } = understood({
      ...body(),
      media_device_info: { media_device_ip: "10.0.0.1", media_device_type: "drone" },
    });
    expect(report.device).toEqual({ id, ip: "10.0.0.1" });
    expect(report.extra).toMatchObject({
      media_device_ip: "192.168.1.60",
      media_device_type: "rtsp",
      media_device_info: { media_device_type: "drone" },
    });
  });

  it("keep an unknown type at the root", () => {
    const { report } = understood({ ...body(), media_device_type: "drone" });
    expect(report.extra).toMatchObject({ media_device_type: "drone" });
  });
});

describe("feature vectors", () => {
  it.each([
    ["history-flat", ["feature", "feature_binary"]],
    ["history-v6", ["feature_base64_str", "feature_binary"]],
    ["ws-v6", ["feature_binary"]],
    ["stored-v6", ["feature_binary"]],
  ])("are dropped in %s unless the deployment wants them", (dialect, names) => {
    const body = fixture(dialect, "complete");
    expect(JSON.stringify(understood(body).report)).not.toContain("feature");
    const kept = Object(understood(body, { keepFeatures: true }).report.extra)["recognize_face_attr"];
    expect(
      Object.keys(kept)
        .filter((name) => name.startsWith("feature"))
        .sort(),
    ).toEqual(names);
  });

  it("are dropped in the common member of a stored V5 event", () => {
    const body = fixture("stored-v5", "complete");
    expect(JSON.stringify(understood(body).report)).not.toContain("feature");
    expect(understood(body, { keepFeatures: true }).report.extra).toMatchObject({
      common: { recognize_face_attr: { feature: [0.125, -0.5, 0.75] } },
    });
  });
});

describe("root facts", () => {
  it("are kept if nothing else can be read, and the shape is flagged", () => {
    expect(read("root-facts", "minimal")).toEqual({
      kind: "realtime",
      dialect: "root-facts",
      receivedAt: received,
      time: 1571890954932,
      person: { id: "888001", type: "unknown" },
      flags: ["shape-unknown"],
    });
  });

  it("are kept from a form that lost nested values, with the lost names", () => {
    const report = read("root-facts", "lost-nesting");
    expect(report.flags).toEqual(["shape-unknown", "field-unreadable:ext_data"]);
    expect(report.extra).toEqual({ ext_data: expect.arrayContaining(["spot_pic", "recognize_face"]) });
    expect(report).toMatchObject({ person: { id: "888001", name: "王芳", group: "staff" }, wantAction: "0" });
  });

  it("are kept from a pass record that lost its nesting, too", () => {
    expect(read("root-facts", "lost-pass-record")).toMatchObject({
      device: { id },
      extra: { identity_info: ["image_id", "name"] },
    });
  });

  it("may tell the person's type", () => {
    const { report } = understood({ ...fixture("root-facts", "minimal"), person_type: 4 });
    expect(report.person?.type).toBe("stranger");
    expect(read("root-facts", "wrong-types").extra).toMatchObject({ person_type: 9 });
  });
});
