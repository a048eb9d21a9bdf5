import { interpret, type Json } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { anyMutant, textOf } from "../../support/mutations.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { arrival, history, noon, omitMember, realtime, received, stranger, understood } from "../../support/reports.ts";

function nested(levels: number): Json {
  return levels === 0 ? "deepest" : { in: nested(levels - 1) };
}

describe("an unreadable value", () => {
  it.each<[string, Json]>([
    ["a list", []],
    ["a text", "x"],
    ["a number", 1],
    ["null", null],
  ])("is %s", (_, value) => {
    expect(interpret(value, arrival)).toEqual({ unreadable: "not-an-object" });
  });

  it("has an unknown shape", () => {
    expect(interpret({ hello: "world" }, arrival)).toEqual({ unreadable: "unknown-shape" });
  });

  it("has 33 levels; 32 are read", () => {
    expect(interpret(realtime({ deep: nested(31) }), arrival)).toHaveProperty("passing");
    expect(interpret(realtime({ deep: nested(32) }), arrival)).toEqual({ unreadable: "nested-too-deep" });
  });

  it("has more than 20,000 values", () => {
    const many = (count: number) =>
      interpret({ identity_id: "1", timestamp: noon, many: Array(count).fill(0) }, arrival);
    expect(many(19_997)).toHaveProperty("passing");
    expect(many(19_998)).toEqual({ unreadable: "too-many-values" });
  });
});

describe("a notice", () => {
  it.each([
    ["status", "complete"],
    ["device-status", "complete"],
    ["device-sync", "complete"],
    ["platform-device-status", "complete"],
    ["mq-result", "complete"],
  ])("%s is returned as it was sent, and is no passing", (kind, name) => {
    const report = fixture(kind, name);
    expect(interpret(report, arrival)).toEqual({ boxStatus: { kind, report } });
  });

  it("is refused if it has more than 256 KB", () => {
    const report = (bytes: number) => ({ gateway_sn: "x".repeat(bytes - '{"gateway_sn":""}'.length) });
    expect(interpret(report(256 * 1024), arrival)).toHaveProperty("boxStatus");
    expect(interpret(report(256 * 1024 + 1), arrival)).toEqual({ unreadable: "notice-too-large:status" });
  });
});

describe("a flag from an earlier step", () => {
  it("is noted at the event", () => {
    expect(understood(history(), { flags: ["tolerant-parse"] }).report.flags).toEqual(["tolerant-parse"]);
  });
});

describe("the pictures of a report", () => {
  it("are returned with their bytes, in the order registered, scene, face, infrared", () => {
    const { pictures } = understood(fixture("history-nested", "async-with-info"));
    expect([...pictures].map(([kind, { data }]) => [kind, data])).toEqual([
      ["scene", jpeg("scene")],
      ["face", jpeg("face")],
      ["infrared", jpeg("infrared")],
    ]);
  });

  it("are known to the report by their hashes, and nowhere inline", () => {
    const { report } = understood(fixture("history-nested", "complete"));
    expect(report.pictures?.face?.sha256).toBe(sha256(jpeg("face")));
    expect(JSON.stringify(report)).not.toContain(photo("face"));
  });

  it.each<Json>([
    ...[
      "",
      " ",
      "\r\n",
      "None",
      "null",
      "undefined",
      "data:image/jpeg;base64,",
      "data:image/jpeg;base64, null",
      "data:,",
    ],
    ...[null, false, [], {}, [""], [null, " "]],
  ])("are absent if they are sent as %j", (sent) => {
    const { report, keepWhole } = understood(history({ reg_pic: sent }, { spot_pic: sent, recognize_face: sent }));
    expect(report).not.toHaveProperty("pictures");
    expect(report).not.toHaveProperty("flags");
    expect(keepWhole).toBeNull();
  });

  it.each<[string, Json]>([
    ["broken", "/9j/…"],
    ["no picture", Buffer.from("a text").toString("base64")],
    ["a word", "nothing"],
    ["white space without end", `${" ".repeat(200)}x`],
    ["a data URI of something else", "data:text/plain;base64,aGVsbG8="],
    ["an object", { data: "" }],
    ["a number", 0],
    ["true", true],
    ["over 5 MB", Buffer.concat([jpeg("x"), Buffer.alloc(5 * 1024 * 1024)]).toString("base64")],
  ])("are flagged if they are %s, and the report must be kept whole", (_, sent) => {
    const { report, keepWhole, pictures } = understood(history({}, { recognize_face: sent, spot_pic: photo("s") }));
    expect(report.flags).toEqual(["picture-unreadable:face"]);
    expect(keepWhole).toBe("picture");
    expect([...pictures.keys()]).toEqual(["scene"]);
  });

  it.each([
    ["registered", { reg_pic: "x" }, {}],
    ["scene", {}, { spot_pic: "x" }],
    ["face", {}, { recognize_face: "x" }],
    ["infrared", {}, { ir_pic: "x" }],
  ])("are flagged by their kind: %s", (kind, root, ext) => {
    expect(understood(history(root, ext)).report.flags).toEqual([`picture-unreadable:${kind}`]);
  });
});

describe("a feature vector", () => {
  const body = () => fixture("history-nested", "async-with-info");

  it("is dropped", () => {
    expect(JSON.stringify(understood(body()))).not.toContain("feature");
  });

  it("is kept in extra if the deployment wants it", () => {
    expect(understood(body(), { keepFeatures: true }).report.extra).toEqual({
      ext_data: { info: { feature: [0.125, -0.5, 0.75] } },
    });
  });

  it("is not made up if none was sent", () => {
    expect(understood(history(), { keepFeatures: true }).report).not.toHaveProperty("extra");
  });
});

describe("a time that cannot be shown", () => {
  it.each<[string, Json]>([
    ["garbage", "soon"],
    ["an object", { at: 1 }],
    ["of a clock that was never set", 12],
    ["more than a day ahead", noon + 2 * 86_400_000],
  ])("stays in extra as it was sent: %s", (_, timestamp) => {
    expect(understood(history({ timestamp })).report.extra).toEqual({ timestamp });
  });

  it("leaves nothing in extra if none was sent", () => {
    expect(understood(omitMember("timestamp", history())).report).not.toHaveProperty("extra");
    expect(understood(history({ timestamp: null })).report).not.toHaveProperty("extra");
  });
});

describe("a report too large for an event", () => {
  it("is cut and flagged, and must be kept whole", () => {
    const { report, keepWhole } = understood(history({ identity_name: "明".repeat(3_000) }));
    expect(report.person?.name).toBe("明".repeat(2730));
    expect(report.flags).toEqual(["text-cut:person.name"]);
    expect(keepWhole).toBe("cut");
  });

  it("is kept whole for its picture before its text", () => {
    expect(understood(history({ identity_name: "x".repeat(9_000), reg_pic: "x" })).keepWhole).toBe("picture");
  });
});

it("records the receipt and the kind of a report", () => {
  expect(understood(stranger()).report).toMatchObject({
    kind: "history",
    dialect: "history-nested",
    receivedAt: received,
  });
});

it("understands equal values in the same way", () => {
  expect(understood(fixture("platform-b", "complete"))).toEqual(understood(fixture("platform-b", "complete")));
});

describe("a report of any documented form, disturbed in any way,", () => {
  const anyInterpretation = anyMutant.map((body) => interpret(JSON.parse(textOf(body)), arrival));

  it("is JSON: storing it as text loses nothing", () => {
    fc.assert(
      fc.property(anyInterpretation, (interpretation) => {
        if (!("passing" in interpretation)) return;
        const { report } = interpretation.passing;
        expect(JSON.stringify(JSON.parse(JSON.stringify(report)))).toBe(JSON.stringify(report));
        expect(JSON.parse(JSON.stringify(report))).toEqual(report);
      }),
    );
  });

  it("is at most 72 KB and its flags", () => {
    fc.assert(
      fc.property(anyInterpretation, (interpretation) => {
        if (!("passing" in interpretation)) return;
        const { flags, ...report } = interpretation.passing.report;
        expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThanOrEqual(72 * 1024);
        expect(Buffer.byteLength(JSON.stringify(flags ?? []))).toBeLessThan(2_000);
      }),
    );
  });

  it("must be kept whole if something of it was lost", () => {
    fc.assert(
      fc.property(anyInterpretation, (interpretation) => {
        if (!("passing" in interpretation)) return;
        const { report, keepWhole } = interpretation.passing;
        const isLossy = (report.flags ?? []).some((flag) =>
          /^(picture-unreadable|second-picture|text-cut|object-cut):/.test(flag),
        );
        expect(keepWhole !== null).toBe(isLossy);
      }),
    );
  });
});
