import { describe, expect, it } from "vitest";
import { fixture, routeOf } from "../../../support/fixtures.ts";
import { jpeg, sha256 } from "../../../support/pictures.ts";
import { history, omitMember, passRecord, realtime, stranger, understood } from "../../../support/reports.ts";

const read = (dialect: string, name: string) => understood(fixture(dialect, name), { route: routeOf(dialect) });
const facts = (seed: string) => ({
  sha256: sha256(jpeg(seed)),
  bytes: jpeg(seed).length,
  contentType: "image/jpeg" as const,
});

describe("a report with wrong types", () => {
  it("is read if a value is clear from its text", () => {
    const { report } = read("history-nested", "wrong-types");
    expect(report.person).toEqual({ id: "888002", name: "42", type: "vip" });
    expect(report.score).toEqual([0.87, 1]);
    expect(report.time).toBe(1571890954932);
    expect(report.wantAction).toBe("1002");
    expect(report.device).toEqual({ ip: "192.168.1.60", type: "turnstile", endpoint: "12" });
    expect(report.attributes).toEqual({ age: "31", glasses: "false" });
  });

  it("keeps an unreadable value at its path in extra", () => {
    expect(read("history-nested", "wrong-types").report.extra).toEqual({
      group_name: ["staff"],
      ext_data: {
        grab_fiqa_info: "none",
        box_fiqa_info: [],
        dev_sno: { code: "ZKZCPI000120190807142601" },
        info: { gender: [], box: [1, "2"] },
      },
    });
  });

  it("is flagged for each field that cannot be read", () => {
    expect(read("history-nested", "wrong-types").report.flags?.toSorted()).toEqual([
      "field-unreadable:ext_data.box_fiqa_info",
      "field-unreadable:ext_data.dev_sno",
      "field-unreadable:ext_data.grab_fiqa_info",
      "field-unreadable:ext_data.info.box",
      "field-unreadable:ext_data.info.gender",
      "field-unreadable:group_name",
      "picture-unreadable:scene",
    ]);
  });

  it.each(["platform-b", "ws-v5"] as const)("is read from %s too", (dialect) => {
    const { report } = read(dialect, "wrong-types");
    expect(report.person?.id).toBe("888002");
    expect(report.pictures).toEqual({ face: facts("wrong-face") });
  });

  it("is read from se3-realtime too", () => {
    expect(read("se3-realtime", "wrong-types").report.person?.id).toBe("888002");
  });

  it("loses an info that is no object whole", () => {
    const { report } = understood(history({}, { info: "none" }));
    expect(report.attributes).toBeUndefined();
    expect(report.extra).toEqual({ ext_data: { info: "none" } });
  });

  it("keeps a number no float can hold as unreadable, not as infinite", () => {
    const { report } = understood(realtime({ score: "1e999" }));
    expect(report.score).toBeUndefined();
    expect(report.extra).toEqual({ score: "1e999" });
    expect(report.flags).toEqual(["field-unreadable:score"]);
  });
});

describe("a person's type", () => {
  it.each([
    [2, "visitor"],
    ["3", "blacklist"],
    [5, "vip"],
    ["VISITOR", "visitor"],
  ])("sent as %j is %s", (sent, type) => {
    expect(understood(realtime({}, { person_type: sent })).report.person?.type).toBe(type);
  });

  it("stays in extra as it was sent if it is unknown", () => {
    const { report } = understood(realtime({}, { person_type: 9 }));
    expect(report.person?.type).toBe("unknown");
    expect(report.extra).toEqual({ ext_data: { person_type: 9 } });
  });

  it.each([null, ""])("sent as %j is missing", (sent) => {
    const { report } = understood(realtime({}, { person_type: sent }));
    expect(report.person).not.toHaveProperty("type");
    expect(report.extra).toBeUndefined();
  });
});

describe("a device", () => {
  it("keeps its original type in extra if that is unknown", () => {
    const { report } = understood(realtime({}, { device_type: "drone" }));
    expect(report.device).toEqual({ ip: "192.168.1.60" });
    expect(report.extra).toEqual({ ext_data: { device_type: "drone" } });
  });

  it("has no type without one", () => {
    expect(understood(realtime({}, { device_type: null })).report.device).toEqual({ ip: "192.168.1.60" });
  });
});

describe("the serial of a box", () => {
  it("is dev_sno before the part of ep_id", () => {
    expect(understood(history({}, { dev_sno: "A", ep_id: "B__1" })).report.serial).toBe("A");
  });

  it("is dev_sno at the root if ext_data has none", () => {
    expect(understood(realtime({ dev_sno: "R" })).report.serial).toBe("R");
    expect(understood(history({ dev_sno: "R" }, { dev_sno: "", ep_id: "B__1" })).report.serial).toBe("R");
    expect(understood(passRecord({ dev_sno: 7 })).report.serial).toBe("7");
    expect(understood(realtime({ dev_sno: "R" })).report).not.toHaveProperty("extra");
  });

  it("is the one in ext_data before the one at the root, which stays in extra", () => {
    const { report } = understood(history({ dev_sno: "R" }, { dev_sno: "A" }));
    expect([report.serial, report.extra]).toEqual(["A", { dev_sno: "R" }]);
  });

  it("is absent without a dev_sno: the event reads ep_id", () => {
    expect(understood(history({}, { dev_sno: "", ep_id: "B__1" })).report.serial).toBeUndefined();
    expect(understood(history({}, { dev_sno: "", ep_id: "" })).report.serial).toBeUndefined();
  });
});

describe("the quality of a picture", () => {
  it.each([
    ["true", { fiqa_result: true }, true],
    ["false", { fiqa_result: false }, false],
    ["a word of Python", { fiqa_result: "False" }, false],
    ["a digit", { fiqa_result: 1 }, true],
    ["what is no answer", { fiqa_result: "maybe" }, undefined],
    ["null", { fiqa_result: null }, undefined],
    ["an empty object", {}, undefined],
    ["nothing", null, undefined],
  ])("is read from fiqa: %s", (_, sent, registrable) => {
    expect(understood(stranger({}, { box_fiqa_info: sent })).report.quality?.registrable).toBe(registrable);
  });
});

describe("a wanted action", () => {
  it.each([
    [0, "0"],
    [1001, "1001"],
    ["1002", "1002"],
    [" 1001 ", "1001"],
    ["1002\n", "1002"],
    ["what ever", "what ever"],
  ])("sent as %j is the text %j", (sent, text) => {
    expect(understood(history({ want_action: sent })).report.wantAction).toBe(text);
  });

  it("is absent if none was sent", () => {
    expect(understood(omitMember("want_action", history())).report).not.toHaveProperty("wantAction");
    expect(understood(history({ want_action: null })).report).not.toHaveProperty("wantAction");
    expect(understood(history({ want_action: " " })).report).not.toHaveProperty("wantAction");
  });
});

describe("a member without a schema", () => {
  it("is kept at its path in extra", () => {
    const { report } = understood(passRecord({ mood: "calm" }, { lamp: [1], info: { hat: null } }));
    expect(report.extra).toEqual({ mood: "calm", ext_data: { lamp: [1], info: { hat: null } } });
  });

  it("is kept under any name", () => {
    const body = JSON.parse(
      '{"identity_id":"1","__proto__":{"identity_name":"x"},"constructor":1,"ext_data":{"__proto__":{"device_ip":"1"},"toString":2}}',
    );
    const { report } = understood(body);
    expect(JSON.stringify(report.extra)).toBe(
      '{"__proto__":{"identity_name":"x"},"constructor":1,"ext_data":{"__proto__":{"device_ip":"1"},"toString":2}}',
    );
    expect(report.person).toEqual({ id: "1" });
    expect(report.device).toBeUndefined();
  });
});
