import { type Json, type JsonObject, requestedAction } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { history, realtime, stranger, understood } from "../../support/reports.ts";

const dialects = [...new Set(eventFixtures().map(([dialect]) => dialect))];
const unfit = { fiqa_result: false };
const wish = { want_action: "1001", person_type: 4, user_type: "stranger", userType: "STRANGER" };
const inner = (body: JsonObject, name: string) => Object(body[name]) as JsonObject;

/** A stranger whom a report of this dialect wants to be registered. */
function asking(dialect: string): JsonObject {
  const body: JsonObject = { ...fixture(dialect, "minimal"), ...wish };
  if ("post_action" in body) body["post_action"] = "1001";
  for (const name of ["ext_data", "common"]) if (name in body) body[name] = { ...inner(body, name), ...wish };
  return body;
}

/** The body with more in its `ext_data`, which it may not have. */
const inExt = (body: JsonObject, more: JsonObject) => ({ ...body, ext_data: { ...inner(body, "ext_data"), ...more } });

describe.each(dialects.map((dialect) => [dialect]))("a request of %s to register a stranger", (dialect) => {
  const route = routeOf(dialect);
  const body = asking(dialect);
  const stateOf = (sent: JsonObject) => requestedAction(understood(sent, { route }).report)?.state;

  it("is pending without any word about the face", () => {
    expect(stateOf(body)).toBe("pending");
  });

  it.each<[string, JsonObject]>([
    ["at the root", { ...body, ...unfit }],
    ["in an info at the root", { ...body, box_fiqa_info: unfit }],
    ["in a list of infos at the root", { ...body, box_fiqa_info: [{}, unfit] }],
    ["in ext_data", inExt(body, unfit)],
    ["in an info in ext_data", inExt(body, { box_fiqa_info: unfit })],
    ["in a list of infos in ext_data", inExt(body, { box_fiqa_info: [unfit] })],
    ["in the info of a snapshot", inExt(body, { grab_fiqa_info: unfit })],
    ["in what it detected in the face", { ...body, recognize_face_attr: unfit }],
  ])("is withheld if the face is called unfit %s", (_, sent) => {
    expect(stateOf(sent)).toBe("withheld");
  });
});

describe("the fitness of a face", () => {
  const readingOf = (sent: Json) => understood(stranger({}, { box_fiqa_info: { fiqa_result: sent } })).report;

  it.each<Json>([false, 0, " false ", "False\n", "0.0", "no", "N", "f", [false], ["0", true]])(
    "is false for %j",
    (sent) => {
      expect(readingOf(sent)).toMatchObject({ quality: { registrable: false } });
      expect(readingOf(sent)).not.toHaveProperty("flags");
    },
  );

  it.each<Json>([true, 1, " true", "1.0", "Yes", "t", [true]])("is true for %j", (sent) => {
    expect(readingOf(sent)).toMatchObject({ quality: { registrable: true } });
  });

  it.each<Json>(["", " ", null, [], [null]])("is absent for %j", (sent) => {
    expect(readingOf(sent).quality).not.toHaveProperty("registrable");
    expect(readingOf(sent)).not.toHaveProperty("flags");
  });

  it.each<Json>(["maybe", 2, {}, [["no"]]])("is unreadable for %j, which is flagged and stays in extra", (sent) => {
    expect(readingOf(sent)).toMatchObject({
      flags: ["field-unreadable:ext_data.box_fiqa_info.fiqa_result"],
      extra: { ext_data: { box_fiqa_info: { fiqa_result: sent } } },
    });
  });

  it("is flagged once for a list, which stays in extra", () => {
    const box_fiqa_info = [{ fiqa_result: "maybe" }, { fiqa_result: 7 }, "x"];
    expect(understood({ ...asking("history-flat"), box_fiqa_info }).report).toMatchObject({
      flags: ["field-unreadable:box_fiqa_info"],
      extra: { box_fiqa_info },
    });
    expect(understood(realtime({}, { box_fiqa_info })).report.flags).toEqual([
      "field-unreadable:ext_data.box_fiqa_info",
    ]);
  });

  it("is false if any place calls it unfit, even if another calls it fit", () => {
    const { report } = understood(stranger({ fiqa_result: "no" }, { box_fiqa_info: { fiqa_result: true, age: 4 } }));
    expect(report.quality).toEqual({ registrable: false, box: { fiqa_result: true, age: 4 } });
  });
});

describe("the registration of an unfit face", () => {
  const wanted = (person_type: Json) =>
    requestedAction(understood(history({ want_action: "1001" }, { person_type, box_fiqa_info: unfit })).report)?.state;

  it.each<Json>([4, "4", " stranger ", "4.0", "car", [4], {}])("is withheld for a person of the type %j", (type) => {
    expect(wanted(type)).toBe("withheld");
  });

  it.each<Json>([1, 2, 3, 5, "vip", null])("is announced for a person of the type %j", (type) => {
    expect(wanted(type)).toBe("pending");
  });
});
